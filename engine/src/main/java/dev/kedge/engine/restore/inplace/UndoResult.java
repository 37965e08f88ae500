package dev.kedge.engine.restore.inplace;

import dev.kedge.repository.UndoPoint;
import java.time.Duration;
import java.util.List;

/**
 * A restore that was taken back, or what that would do.
 *
 * @param point what the image is again
 * @param sizeBytes its size
 * @param comparedBytes how much of the image was read
 * @param differingBytes how much of it differed
 * @param writtenBytes how much was written, zeroes included; 0 for a dry run
 * @param zeroedBytes how much of that are zeroes
 * @param notes what the user should know though the image is whole
 */
public record UndoResult(
    UndoPoint point,
    long sizeBytes,
    long comparedBytes,
    long differingBytes,
    long writtenBytes,
    long zeroedBytes,
    Duration duration,
    List<String> notes) {
  /** The same with other notes. */
  UndoResult withNotes(List<String> other) {
    return new UndoResult(
        point,
        sizeBytes,
        comparedBytes,
        differingBytes,
        writtenBytes,
        zeroedBytes,
        duration,
        List.copyOf(other));
  }
}
