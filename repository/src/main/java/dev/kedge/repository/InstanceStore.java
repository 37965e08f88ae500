package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The restore points of instances in a repository: {@code instances/<instance id>/<point>.json}.
 * Thread-safe.
 */
public final class InstanceStore {
  private static final String FOLDER = "instances/";
  private static final Comparator<InstancePoint> ORDER =
      Comparator.comparing((InstancePoint point) -> point.instance().id())
          .thenComparingLong(InstancePoint::sequence)
          .thenComparing(InstancePoint::createdAt)
          .thenComparing(InstancePoint::id);

  private final BackupTarget target;

  InstanceStore(BackupTarget target) {
    this.target = target;
  }

  /** Every restore point of every instance. */
  public InstanceListing list() {
    return list(instanceIds());
  }

  /** The restore points of one instance. */
  public InstanceListing list(UUID instanceId) {
    return list(List.of(instanceId));
  }

  private InstanceListing list(List<UUID> instances) {
    List<InstancePoint> points = new ArrayList<>();
    List<DamagedPoint> damaged = new ArrayList<>();
    for (UUID instance : instances) {
      for (UUID id : pointIds(instance)) {
        try {
          read(instance, id).ifPresent(points::add);
        } catch (KedgeException e) {
          damaged.add(new DamagedPoint(id, unlessUnreadable(e)));
        }
      }
    }
    points.sort(ORDER);
    return new InstanceListing(points, damaged);
  }

  /** A target that does not answer must not look like damage. */
  private static KedgeException unlessUnreadable(KedgeException e) {
    if (e.code() == ErrorCode.VERIFICATION_FAILED || e.code() == ErrorCode.REFUSED) {
      return e;
    }
    throw e;
  }

  /**
   * A restore point by its id, or by the start of its id if no other starts so.
   *
   * @throws KedgeException with NOT_FOUND where there is none, USAGE where several start so or the
   *     text cannot be an id, VERIFICATION_FAILED where its record is damaged
   */
  public InstancePoint find(String idOrUniquePrefix) {
    Place place = place(idOrUniquePrefix);
    return read(place.instance(), place.point()).orElseThrow(() -> missing(place.point()));
  }

  /**
   * Makes a restore point exist. Safe to be repeated with the same record.
   *
   * @throws KedgeException with REFUSED where it needs a restore point of an image that does not
   *     exist, or where another one has its id
   */
  public void commit(InstancePoint point) {
    String name = name(point.instance().id(), point.id());
    byte[] bytes = point.toBytes();
    // What no Kedge could read back must not become a restore point.
    InstancePoint.parse(bytes, name);
    point.kept().forEach(kept -> requireExists(point, kept));
    if (!target.putIfAbsent(name, bytes)
        && !Arrays.equals(target.readAll(name, InstancePointJson.MAX_BYTES), bytes)) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "Restore point " + point.id() + " of an instance exists already, and differs");
    }
  }

  private void requireExists(InstancePoint point, InstanceDisk.Kept kept) {
    if (!new ImageFolder(target, kept.imageId()).hasPoint(kept.point())) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "Restore point %s of instance %s was not committed: its disk's restore point %s of %s is gone; back up again"
              .formatted(point.id(), point.instance().name(), kept.point(), kept.image()));
    }
  }

  /**
   * Deletes the record of a restore point, be it damaged; its disks' restore points stay.
   *
   * @param idOrUniquePrefix see {@link #find}
   * @return its id
   */
  public UUID delete(String idOrUniquePrefix) {
    Place place = place(idOrUniquePrefix);
    target.delete(name(place.instance(), place.point()));
    return place.point();
  }

  private record Place(UUID instance, UUID point) {}

  private Place place(String idOrUniquePrefix) {
    PointPrefix prefix = PointPrefix.parse(idOrUniquePrefix);
    List<Place> found = new ArrayList<>();
    for (UUID instance : instanceIds()) {
      for (UUID id : pointIds(instance)) {
        if (prefix.matches(id)) {
          found.add(new Place(instance, id));
        }
      }
    }
    if (found.isEmpty()) {
      throw new KedgeException(
          ErrorCode.NOT_FOUND,
          "There is no restore point %s of an instance in %s"
              .formatted(prefix.text(), target.location()));
    }
    if (found.size() > 1) {
      throw prefix.ambiguous(found.stream().map(Place::point).toList());
    }
    return found.getFirst();
  }

  private List<UUID> instanceIds() {
    List<UUID> ids = new ArrayList<>();
    for (String folder : target.folders(FOLDER)) {
      UUID id = Uuids.parseOrNull(folder);
      if (id != null) {
        ids.add(id);
      }
    }
    return ids;
  }

  private List<UUID> pointIds(UUID instance) {
    List<UUID> ids = new ArrayList<>();
    for (StoredObject object : target.list(FOLDER + instance + "/")) {
      UUID id = PointNames.ofManifest(object.baseName());
      if (id != null) {
        ids.add(id);
      }
    }
    return ids;
  }

  private Optional<InstancePoint> read(UUID instance, UUID id) {
    String name = name(instance, id);
    byte[] bytes;
    try {
      bytes = target.readAll(name, InstancePointJson.MAX_BYTES);
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
    InstancePoint point = InstancePoint.parse(bytes, name);
    if (!point.id().equals(id) || !point.instance().id().equals(instance)) {
      throw new KedgeException(
          ErrorCode.VERIFICATION_FAILED,
          "%s is damaged: it describes restore point %s of instance %s"
              .formatted(name, point.id(), point.instance().id()));
    }
    return Optional.of(point);
  }

  private KedgeException missing(UUID point) {
    return new KedgeException(
        ErrorCode.NOT_FOUND,
        "There is no restore point %s of an instance in %s".formatted(point, target.location()));
  }

  private static String name(UUID instance, UUID point) {
    return FOLDER + instance + "/" + PointNames.manifest(point);
  }
}
