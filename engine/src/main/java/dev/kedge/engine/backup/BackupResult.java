package dev.kedge.engine.backup;

import dev.kedge.repository.Manifest;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * A committed backup.
 *
 * @param imageId in whose folder of the repository it is
 * @param file the QCOW2's place, as a user would name it
 * @param reason why the backup was of its kind
 * @param planning how long it took to find out what to read
 * @param notes what the user should know though the backup is safe
 */
public record BackupResult(
    Manifest manifest,
    UUID imageId,
    String file,
    String reason,
    Duration planning,
    Duration duration,
    List<String> notes) {}
