package dev.kedge.repository;

import java.util.UUID;

/**
 * What a lease's owner means to create: a restore point, and the RBD snapshot it is read from.
 *
 * @param snapshotName for a copy of another repository's restore point no snapshot's name
 */
public record PendingPoint(UUID point, String snapshotName) {
  private static final String COPY = "kedge.copy.";

  static PendingPoint ofCopy(UUID point) {
    return new PendingPoint(point, COPY + point);
  }

  boolean isCopy() {
    return snapshotName.equals(COPY + point);
  }
}
