package dev.kedge.engine.restore.inplace;

import dev.kedge.repository.Manifest;
import dev.kedge.repository.UndoPoint;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A finished restore into an image, or what one would do.
 *
 * @param layers how many restore points make up the chain
 * @param method {@code diff} or {@code checksums}: how the candidates were found
 * @param reason why in this way
 * @param sizeBefore the image's size before
 * @param comparedBytes how much of the image was read
 * @param differingBytes how much of it differed
 * @param writtenBytes how much was written, zeroes included; 0 for a dry run
 * @param zeroedBytes how much of that are zeroes
 * @param undoPoint what the restore can be taken back to; null where nothing was written
 * @param notes what the user should know though the restore is whole
 */
public record InPlaceResult(
    Manifest point,
    int layers,
    String method,
    String reason,
    long sizeBefore,
    long comparedBytes,
    long differingBytes,
    long writtenBytes,
    long zeroedBytes,
    @Nullable UndoPoint undoPoint,
    Duration duration,
    List<String> notes) {}
