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
    if (existing.find(manifest.id()).isEmpty()) {
      requireNext(manifest, existing);
    }
    put(manifest, existing, lease);
  }

  /**
   * The same for a copy of another repository's restore point: it has its place already, between
   * others or beside one of the same number, and an earlier attempt may have been given up for it.
   */
  void commitCopy(Manifest manifest, PointListing existing, Lease lease) {
    if (folder.read(manifest.id()).orElse(null) instanceof PointObject.Aborted) {
      byte[] bytes = checked(manifest, existing, lease);
      // Not deleted before: as long as the tombstone is there, no stale writer can commit.
      lease.confirm();
      folder.target().replace(folder.name(PointNames.manifest(manifest.id())), bytes);
      lease.committed(manifest.id());
    } else {
      put(manifest, existing, lease);
    }
  }

  private void put(Manifest manifest, PointListing existing, Lease lease) {
    byte[] bytes = checked(manifest, existing, lease);
    lease.confirm();
    if (!folder.target().putIfAbsent(folder.name(PointNames.manifest(manifest.id())), bytes)) {
      requireSame(manifest.id(), bytes, lease);
    }
    lease.committed(manifest.id());
  }

  private byte[] checked(Manifest manifest, PointListing existing, Lease lease) {
    byte[] bytes = manifest.toBytes();
    // What no Kedge could read back must not become a restore point.
    Manifest.parse(bytes, folder.name(PointNames.manifest(manifest.id())));
    if (existing.find(manifest.id()).isEmpty()) {
      check(manifest, existing, lease);
    }
    return bytes;
  }

  private void requireNext(Manifest manifest, PointListing existing) {
    if (manifest.sequence() < existing.nextSequence()) {
      throw refused(manifest, "its sequence " + manifest.sequence() + " is taken");
    }
  }

  private void check(Manifest manifest, PointListing existing, Lease lease) {
    if (!lease.imageId().equals(folder.imageId()) || manifest.fencingToken() != lease.token()) {
      throw refused(manifest, "it was not written under this lease");
    }
    if (!belongsHere(manifest.image().identity())) {
      throw refused(manifest, "it is of " + manifest.image().identity());
    }
    UUID parent = manifest.parent();
    if (parent != null && existing.find(parent).isEmpty()) {
      throw refused(manifest, "its parent " + parent + " does not exist or is damaged");
    }
    requireLength(manifest, manifest.file().name(), manifest.file().lengthBytes());
    requireLength(manifest, manifest.sums().name(), manifest.sums().lengthBytes());
  }

  private boolean belongsHere(ImageIdentity image) {
    return image.imageId().equals(folder.imageId())
        || MovedJson.read(new ImageFolder(folder.target(), image.imageId()))
            .filter(moved -> moved.series().imageId().equals(folder.imageId()))
            .isPresent();
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
