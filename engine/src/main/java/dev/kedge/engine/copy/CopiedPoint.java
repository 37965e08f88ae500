package dev.kedge.engine.copy;

import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import java.time.Duration;

/**
 * A restore point that was copied.
 *
 * @param source how it is stored at the source
 * @param store where it is now
 * @param copy how it is stored there
 * @param byBytes whether its file is the same, byte by byte
 * @param took how long that was
 */
public record CopiedPoint(
    Manifest source, ImageStore store, Manifest copy, boolean byBytes, Duration took) {}
