package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.UUID;

/** Makes a restore point exist. Thread-safe. */
final class Commit {
  private final ImageFolder folder;
  private final String imageName;

  Commit(ImageFolder folder, String imageName) {
    this.folder = folder;
    this.imageName = imageName;
  }

  void commit(Manifest manifest, PointListing existing, Lease lease) {
    String name = folder.name(PointNames.manifest(manifest.id()));
    byte[] bytes = manifest.toBytes();
    // What no Kedge could read back must not become a restore point.
    Manifest.parse(bytes, name);
    if (existing.find(manifest.id()).isEmpty()) {
      check(manifest, existing, lease);
    }
    lease.confirm();
    if (!folder.target().putIfAbsent(name, bytes)) {
      requireSame(manifest.id(), bytes, lease);
    }
    lease.committed(manifest.id());
  }

  private void check(Manifest manifest, PointListing existing, Lease lease) {
    if (!lease.imageId().equals(folder.imageId()) || manifest.fencingToken() != lease.token()) {
      throw refused(manifest, "it was not written under this lease");
    }
    if (!manifest.image().identity().imageId().equals(folder.imageId())) {
      throw refused(manifest, "it is of " + manifest.image().identity());
    }
    if (manifest.sequence() < existing.nextSequence()) {
      throw refused(manifest, "its sequence " + manifest.sequence() + " is taken");
    }
    UUID parent = manifest.parent();
    if (parent != null && existing.find(parent).isEmpty()) {
      throw refused(manifest, "its parent " + parent + " does not exist or is damaged");
    }
    requireLength(manifest, manifest.file().name(), manifest.file().lengthBytes());
    requireLength(manifest, manifest.sums().name(), manifest.sums().lengthBytes());
  }

  private void requireLength(Manifest manifest, String baseName, long lengthBytes) {
    OptionalLong found = folder.target().length(folder.name(baseName));
    if (found.isEmpty() || found.getAsLong() != lengthBytes) {
      throw refused(
          manifest,
          "%s has %s bytes instead of %d"
              .formatted(baseName, found.isEmpty() ? "no" : found.getAsLong(), lengthBytes));
    }
  }

  private void requireSame(UUID point, byte[] bytes, Lease lease) {
    switch (folder.read(point).orElse(null)) {
      case PointObject.Committed(Manifest _, byte[] there) when Arrays.equals(there, bytes) -> {}
      case PointObject.Aborted(Tombstone tombstone) -> {
        lease.confirm();
        throw new KedgeException(
            ErrorCode.BUSY,
            "This run lost its lease of %s to the one with token %d"
                .formatted(imageName, tombstone.fencingToken()));
      }
      case PointObject.Committed _, PointObject.Damaged _ ->
          throw new KedgeException(
              ErrorCode.REFUSED,
              "Restore point " + point + " of " + imageName + " exists already, and differs");
      case null ->
          throw new KedgeException(
              ErrorCode.TARGET_UNREACHABLE,
              "The manifest of restore point " + point + " came and went: try again");
    }
  }

  private KedgeException refused(Manifest manifest, String why) {
    return new KedgeException(
        ErrorCode.REFUSED,
        "Restore point %s of %s was not committed: %s".formatted(manifest.id(), imageName, why));
  }
}
