package dev.kedge.engine.backup;

import dev.kedge.repository.Manifest;
import java.time.Duration;
import java.util.List;

/**
 * A committed backup.
 *
 * @param file the QCOW2's place, as a user would name it
 * @param reason why the backup was of its kind
 * @param planning how long it took to find out what to read
 * @param notes what the user should know though the backup is safe
 */
public record BackupResult(
    Manifest manifest,
    String file,
    String reason,
    Duration planning,
    Duration duration,
    List<String> notes) {}
