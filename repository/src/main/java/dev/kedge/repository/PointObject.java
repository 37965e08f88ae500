package dev.kedge.repository;

import dev.kedge.base.KedgeException;
import java.util.UUID;

/** What can be found under the name of a manifest. */
sealed interface PointObject {
  /** A restore point, with the bytes as they are stored. */
  @SuppressWarnings("ArrayRecordComponent") // Never compared, and not shared further.
  record Committed(Manifest manifest, byte[] bytes) implements PointObject {}

  /** A restore point that never was. */
  record Aborted(Tombstone tombstone) implements PointObject {}

  /** A manifest that cannot be read: it may be any restore point. */
  record Damaged(UUID point, KedgeException failure) implements PointObject {}
}
