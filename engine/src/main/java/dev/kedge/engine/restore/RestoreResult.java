package dev.kedge.engine.restore;

import dev.kedge.repository.Manifest;
import java.time.Duration;
import java.util.List;

/**
 * A finished restore.
 *
 * @param destination where it went, as the user named it
 * @param dataBytes how much of the image was written as data; the rest is holes
 * @param layers how many restore points make up the chain
 * @param notes what the user should know though the restore is whole
 */
public record RestoreResult(
    Manifest point,
    String destination,
    long dataBytes,
    int layers,
    Duration duration,
    List<String> notes) {}
