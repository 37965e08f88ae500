package dev.kedge.engine.copy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.pipeline.RateLimit;
import dev.kedge.repository.DamagedPoint;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.InstanceDisk;
import dev.kedge.repository.InstanceListing;
import dev.kedge.repository.InstancePoint;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointListing;
import dev.kedge.repository.Repository;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Copies restore points from one repository to another, with those that they build on. What is
 * there already is left alone, so a copy that was interrupted is gone on with by the same words
 * again. One use, one thread.
 */
public final class Copy {
  private final Repository source;
  private final Repository destination;
  private final CopyRequest request;
  private final Progress progress;
  private final CancelToken cancel;
  private final RateLimit rate;

  private final Map<UUID, ImageCopy> images = new HashMap<>();
  private final List<ImageCopy> order = new ArrayList<>();
  private final List<InstancePoint> copiedInstances = new ArrayList<>();
  private final List<InstancePoint> presentInstances = new ArrayList<>();
  private final List<CopyFailure> failures = new ArrayList<>();

  /**
   * A copy between two repositories.
   *
   * @throws KedgeException with REFUSED where they are one, or one a copy of the other's files
   */
  public Copy(
      Repository source,
      Repository destination,
      CopyRequest request,
      Progress progress,
      CancelToken cancel) {
    if (source.info().id().equals(destination.info().id())) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "%s and %s are one repository, or the one is a copy of the other's files, and whose a snapshot in Ceph is could not be told: copy into a new repository"
              .formatted(source.location(), destination.location()));
    }
    this.source = source;
    this.destination = destination;
    this.request = request;
    this.progress = progress;
    this.cancel = cancel;
    this.rate = new RateLimit(request.maxBytesPerSecond());
  }

  /**
   * Copies one restore point of an image.
   *
   * @throws KedgeException with VERIFICATION_FAILED where stored data is damaged, BUSY where
   *     somebody else writes the image at the destination
   */
  public CopyResult point(ImageStore image, UUID point) {
    add(image, image.points(), List.of(point));
    run(false);
    return result();
  }

  /** Copies every restore point of an image; what cannot be is in the result. */
  public CopyResult image(ImageStore image) {
    addAll(image);
    run(true);
    return result();
  }

  /** Copies everything; what cannot be is in the result. */
  public CopyResult all() {
    source.images().forEach(this::addAll);
    InstanceListing instances = source.instances().list();
    run(true);
    for (DamagedPoint damaged : instances.damaged()) {
      failures.add(new CopyFailure(damaged.point(), "an instance", damaged.failure()));
    }
    for (InstancePoint instance : instances.points()) {
      record(instance, true);
    }
    return result();
  }

  /** Copies the restore point of an instance, its disks first; throws as {@link #point} does. */
  public CopyResult instance(InstancePoint instance) {
    for (ImageStore image : source.images()) {
      List<UUID> disks =
          instance
              .kept()
              .filter(disk -> disk.imageId().equals(image.imageId()))
              .map(InstanceDisk.Kept::point)
              .toList();
      if (!disks.isEmpty()) {
        add(image, image.points(), disks);
      }
    }
    run(false);
    record(instance, false);
    return result();
  }

  private void addAll(ImageStore image) {
    PointListing stored = image.points();
    for (DamagedPoint damaged : stored.damaged()) {
      failures.add(new CopyFailure(damaged.point(), "image " + image.imageId(), damaged.failure()));
    }
    add(image, stored, stored.points().stream().map(Manifest::id).toList());
  }

  private void add(ImageStore image, PointListing stored, List<UUID> points) {
    ImageCopy copy =
        new ImageCopy(image, source, destination, stored, points, request, rate, progress, cancel);
    images.put(image.imageId(), copy);
    order.add(copy);
  }

  private void run(boolean goOn) {
    Map<UUID, ImageStore> there = new HashMap<>();
    destination.images().forEach(image -> there.put(image.imageId(), image));
    progress.begin(
        "copy",
        order.stream().mapToLong(image -> image.missingBytes(there.get(image.imageId()))).sum());
    for (ImageCopy image : order) {
      cancel.check();
      try {
        image.run(goOn);
      } catch (KedgeException e) {
        if (!goOn || !isOfTheImage(e.code())) {
          throw e;
        }
        failures.add(new CopyFailure(null, "image " + image.imageId(), e));
      }
    }
  }

  private static boolean isOfTheImage(ErrorCode code) {
    return code == ErrorCode.BUSY
        || code == ErrorCode.VERIFICATION_FAILED
        || code == ErrorCode.REFUSED;
  }

  private void record(InstancePoint instance, boolean goOn) {
    try {
      Optional<InstancePoint> there =
          destination.instances().find(instance.instance().id(), instance.id());
      if (there.isPresent() && there.get().equals(instance)) {
        presentInstances.add(instance);
        return;
      }
      instance.kept().forEach(disk -> requireThere(instance, disk));
      destination.instances().commit(instance);
      copiedInstances.add(instance);
    } catch (KedgeException e) {
      if (!goOn || (e.code() != ErrorCode.VERIFICATION_FAILED && e.code() != ErrorCode.REFUSED)) {
        throw e;
      }
      failures.add(new CopyFailure(instance.id(), instance.instance().name(), e));
    }
  }

  private void requireThere(InstancePoint instance, InstanceDisk.Kept disk) {
    ImageCopy image = images.get(disk.imageId());
    if (image == null || !image.isThere(disk.point())) {
      throw new KedgeException(
          ErrorCode.VERIFICATION_FAILED,
          "restore point %s of instance %s was not copied: restore point %s of its disk %s was not"
              .formatted(instance.id(), instance.instance().name(), disk.point(), disk.image()));
    }
  }

  private CopyResult result() {
    return new CopyResult(
        order.stream().flatMap(image -> image.copied().stream()).toList(),
        order.stream().flatMap(image -> image.present().stream()).toList(),
        copiedInstances,
        presentInstances,
        Stream.concat(failures.stream(), order.stream().flatMap(image -> image.failures().stream()))
            .toList());
  }
}
