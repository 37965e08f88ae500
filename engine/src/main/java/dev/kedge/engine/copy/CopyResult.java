package dev.kedge.engine.copy;

import dev.kedge.base.ErrorCode;
import dev.kedge.repository.InstancePoint;
import dev.kedge.repository.Manifest;
import java.util.List;
import java.util.Optional;

/**
 * What came of a copy.
 *
 * @param copied the restore points of images, in the order in which they were copied
 * @param present those that were there already
 * @param copiedInstances the restore points of instances
 * @param presentInstances those that were there already
 * @param failures what was not copied
 */
public record CopyResult(
    List<CopiedPoint> copied,
    List<Manifest> present,
    List<InstancePoint> copiedInstances,
    List<InstancePoint> presentInstances,
    List<CopyFailure> failures) {
  /** Copies the lists. */
  public CopyResult {
    copied = List.copyOf(copied);
    present = List.copyOf(present);
    copiedInstances = List.copyOf(copiedInstances);
    presentInstances = List.copyOf(presentInstances);
    failures = List.copyOf(failures);
  }

  /** What the whole ends with: damage counts more than anything else; empty where all is well. */
  public Optional<ErrorCode> code() {
    List<ErrorCode> codes = failures.stream().map(f -> f.failure().code()).toList();
    return codes.contains(ErrorCode.VERIFICATION_FAILED)
        ? Optional.of(ErrorCode.VERIFICATION_FAILED)
        : codes.stream().findFirst();
  }
}
