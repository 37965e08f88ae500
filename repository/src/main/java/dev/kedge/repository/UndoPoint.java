package dev.kedge.repository;

import java.time.Instant;
import java.util.UUID;

/**
 * The state of an image before a restore into it, kept by an RBD snapshot so that the restore can
 * be taken back. It is no restore point: its data is in Ceph alone.
 *
 * @param id its identity, which the snapshot's name carries
 * @param snapshotName the RBD snapshot
 * @param rbdId the id that Ceph gave the image
 * @param restorePoint what was restored
 * @param takenAt when, by the writer's clock
 * @param released whether it was let go: its snapshot may be removed by whoever comes next
 */
public record UndoPoint(
    UUID id,
    String snapshotName,
    String rbdId,
    UUID restorePoint,
    Instant takenAt,
    boolean released) {
  /** The same, let go. */
  public UndoPoint release() {
    return new UndoPoint(id, snapshotName, rbdId, restorePoint, takenAt, true);
  }
}
