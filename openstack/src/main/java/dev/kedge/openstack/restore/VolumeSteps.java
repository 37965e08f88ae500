package dev.kedge.openstack.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.RbdLocation;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cinder.Volume;
import dev.kedge.openstack.cinder.VolumeSpec;
import dev.kedge.openstack.client.Waiter;
import dev.kedge.openstack.disks.VolumeLocator;
import dev.kedge.openstack.disks.VolumePlace;
import dev.kedge.openstack.restore.plan.DiskKey;
import dev.kedge.openstack.restore.plan.DiskPlan;
import dev.kedge.openstack.restore.plan.EncryptionCheck;
import dev.kedge.openstack.restore.plan.Origin;
import dev.kedge.repository.InstanceDisk;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Makes volumes, and writes their content. One thread. */
final class VolumeSteps {
  private static final long GIB = 1L << 30;

  private final OpenStack cloud;
  private final Maker maker;
  private final Waiter waiter;
  private final VolumeLocator locator;
  private final DiskWriter writer;
  private final VolumeKeySteps keys;
  private final VolumeFiller filler;

  VolumeSteps(
      OpenStack cloud,
      Maker maker,
      Waiter waiter,
      VolumeLocator locator,
      DiskWriter writer,
      VolumeFiller filler,
      VolumeKeySteps keys) {
    this.keys = keys;
    this.cloud = cloud;
    this.maker = maker;
    this.waiter = waiter;
    this.locator = locator;
    this.writer = writer;
    this.filler = filler;
  }

  /** The id of an empty volume for the disk. */
  String make(Origin.Instance original, InstanceDisk disk, DiskPlan plan) {
    Optional<Volume> was = was(original, disk);
    String id =
        maker.make(
            ResourceKind.VOLUME,
            original(original, disk),
            plan.name(),
            mark ->
                cloud
                    .cinder()
                    .create(
                        new VolumeSpec(
                            plan.name(),
                            was.map(Volume::description).orElse(null),
                            plan.sizeGib(),
                            plan.type(),
                            plan.availabilityZone(),
                            withMark(was.map(Volume::metadata).orElse(Map.of()), mark),
                            null,
                            null))
                    .id());
    maker.once(
        "properties of volume " + id,
        () -> {
          Volume made =
              waiter.until(
                  "volume " + plan.name(),
                  () -> cloud.cinder().volumes().get(id),
                  Volume::state,
                  Set.of("available"));
          refuseOtherEncryption(made, original.isEncrypted(disk));
          cloud.cinder().setBootable(id, disk.boot() || was.map(Volume::bootable).orElse(false));
          Map<String, String> properties = imageProperties(original, disk, was);
          if (!properties.isEmpty()) {
            cloud.cinder().setImageMetadata(id, properties);
          }
        });
    return id;
  }

  /** Ciphertext in a volume without a key, and the other way round, nobody could read. */
  private static void refuseOtherEncryption(Volume made, boolean diskIsEncrypted) {
    if (made.encrypted() != diskIsEncrypted) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          made.label()
              + ": "
              + EncryptionCheck.mismatch("" + made.typeName(), diskIsEncrypted)
              + " in a plan");
    }
  }

  /** A root disk that becomes a volume keeps what its image told Nova. */
  private static Map<String, String> imageProperties(
      Origin.Instance original, InstanceDisk disk, Optional<Volume> was) {
    return disk.role() == InstanceDisk.Role.ROOT
        ? original.metadata().image().map(image -> image.properties()).orElse(Map.of())
        : was.map(Volume::imageMetadata).orElse(Map.of());
  }

  /** Writes the disk's content into its volume, once. */
  void write(Origin.Instance original, AttachedVolume attached) {
    String id = attached.volumeId();
    maker.once(
        "content of volume " + id,
        () -> {
          Volume volume = cloud.cinder().volumes().get(id);
          switch (locator.locate(volume)) {
            case VolumePlace.OnCeph(String cluster, RbdLocation image) ->
                writer.write(attached.kept(), cluster, image, volume.sizeGib() * GIB);
            case VolumePlace.Elsewhere(String reason) -> fill(original, attached, volume, reason);
          }
        });
    original
        .keyId(attached.disk())
        .ifPresent(key ->
            maker.once(
                "key of volume " + id,
                () -> {
                  Volume volume = cloud.cinder().volumes().get(id);
                  VolumePlace.OnCeph place = place(volume);
                  keys.change(volume, key, place.cluster(), place.image());
                }));
  }

  private void fill(
      Origin.Instance original, AttachedVolume attached, Volume volume, String reason) {
    // Cinder would encrypt the ciphertext that the image brings once more.
    if (original.isEncrypted(attached.disk())) {
      throw cannotBeWritten(volume, reason);
    }
    filler.fill(volume, attached.kept());
  }

  private VolumePlace.OnCeph place(Volume volume) {
    return switch (locator.locate(volume)) {
      case VolumePlace.OnCeph onCeph -> onCeph;
      case VolumePlace.Elsewhere(String reason) -> throw cannotBeWritten(volume, reason);
    };
  }

  private static KedgeException cannotBeWritten(Volume volume, String reason) {
    return new KedgeException(ErrorCode.REFUSED, volume.label() + " cannot be written: " + reason);
  }

  /** The metadata as the original had it. */
  void settle(Origin.Instance original, InstanceDisk disk) {
    if (maker.made(ResourceKind.VOLUME, original(original, disk))) {
      cloud
          .cinder()
          .setMetadata(
              maker.idOf(ResourceKind.VOLUME, original(original, disk)),
              was(original, disk).map(Volume::metadata).orElse(Map.of()));
    }
  }

  private static Optional<Volume> was(Origin.Instance original, InstanceDisk disk) {
    return Optional.ofNullable(disk.volumeId()).flatMap(id -> original.metadata().volume(id));
  }

  /** A volume at several instances is one. */
  private static String original(Origin.Instance original, InstanceDisk disk) {
    return Objects.requireNonNullElseGet(
        disk.volumeId(), () -> original.point().instance().id() + " " + DiskKey.of(disk));
  }

  static Map<String, String> withMark(Map<String, String> metadata, String mark) {
    Map<String, String> marked = new LinkedHashMap<>(metadata);
    marked.put(Marks.KEY, mark);
    return marked;
  }
}
