package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/** The objects of one image: which there are, and what is in the small ones. Thread-safe. */
final class ImageFolder {
  private final BackupTarget target;
  private final UUID imageId;
  private final String path;

  ImageFolder(BackupTarget target, UUID imageId) {
    this(target, imageId, "images/" + imageId + "/");
  }

  private ImageFolder(BackupTarget target, UUID imageId, String path) {
    this.target = target;
    this.imageId = imageId;
    this.path = path;
  }

  /** No image's folder: where the lease of who changes the key slots lies. */
  static ImageFolder ofKeys(BackupTarget target) {
    return new ImageFolder(target, new UUID(0, 0), "keys/");
  }

  /** No image's folder: where the leases of an instance's restores lie. */
  static ImageFolder ofInstance(BackupTarget target, UUID instanceId) {
    return new ImageFolder(target, instanceId, "instances/" + instanceId + "/");
  }

  BackupTarget target() {
    return target;
  }

  UUID imageId() {
    return imageId;
  }

  /** The name of the folder, with its slash. */
  String path() {
    return path;
  }

  String name(String baseName) {
    return path + baseName;
  }

  List<StoredObject> list() {
    return target.list(path);
  }

  /** What is under the name of a restore point's manifest; empty for nothing. */
  Optional<PointObject> read(UUID point) {
    String name = name(PointNames.manifest(point));
    byte[] bytes;
    try {
      bytes = target.readAll(name, SealedJson.MAX_BYTES);
    } catch (KedgeException e) {
      return switch (e.code()) {
        case NOT_FOUND -> Optional.empty();
        case VERIFICATION_FAILED -> Optional.of(new PointObject.Damaged(point, e));
        default -> throw e;
      };
    }
    return Optional.of(parse(point, name, bytes));
  }

  private static PointObject parse(UUID point, String name, byte[] bytes) {
    try {
      ObjectNode json = SealedJson.unseal(bytes, name);
      if (Tombstone.isTombstone(json)) {
        return new PointObject.Aborted(Tombstone.read(new JsonFields(json, name)));
      }
      Manifest manifest = Manifest.parse(bytes, name);
      if (!manifest.id().equals(point)) {
        throw new KedgeException(
            ErrorCode.VERIFICATION_FAILED,
            name + " is damaged: id should be the one in its name, but it is " + manifest.id());
      }
      return new PointObject.Committed(manifest, bytes);
    } catch (KedgeException e) {
      return new PointObject.Damaged(point, e);
    }
  }

  /** Whether a restore point has a manifest, be it damaged; a tombstone is none. */
  boolean hasManifest(UUID point) {
    return read(point).filter(o -> !(o instanceof PointObject.Aborted)).isPresent();
  }

  /** Whether there is a restore point that is not retired, be its manifest damaged. */
  boolean hasPoint(UUID point) {
    return read(point).filter(ImageFolder::isPoint).isPresent();
  }

  static boolean isPoint(PointObject object) {
    return switch (object) {
      case PointObject.Committed(Manifest manifest, byte[] _) -> !manifest.isRetired();
      case PointObject.Damaged _ -> true;
      case PointObject.Aborted _ -> false;
    };
  }

  /** The names of a restore point's data and checksums, as far as they are there. */
  List<String> payload(UUID point) {
    return target.list(name(point + ".")).stream()
        .filter(object -> point.equals(PointNames.ofPayload(object.baseName())))
        .map(StoredObject::name)
        .toList();
  }

  /** Every lease there is, by its token. */
  List<LeaseRecord> leases() {
    List<LeaseRecord> leases = new ArrayList<>();
    for (long token : leaseTokens()) {
      readLease(token).ifPresent(leases::add);
    }
    return leases;
  }

  /** The token of every lease there is, ascending. */
  List<Long> leaseTokens() {
    List<Long> tokens = new ArrayList<>();
    for (StoredObject object : target.list(LeaseRecord.namePrefix(path))) {
      Long token = LeaseRecord.token(object.baseName());
      if (token != null) {
        tokens.add(token);
      }
    }
    return tokens;
  }

  /** A lease; empty where it is gone. */
  Optional<LeaseRecord> readLease(long token) {
    String name = LeaseRecord.name(path, token);
    try {
      return Optional.of(
          LeaseRecord.parse(target.readAll(name, SealedJson.MAX_BYTES), name, token));
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      if (e.code() == ErrorCode.VERIFICATION_FAILED) {
        throw new KedgeException(
            e.code(),
            e.getMessage() + "; if no Kedge works on it, delete that file in " + target.location(),
            e);
      }
      throw e;
    }
  }
}
