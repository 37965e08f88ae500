package dev.kedge.openstack.restore.plan;

import dev.kedge.base.KedgeException;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cinder.VolumeType;
import dev.kedge.openstack.client.Query;
import dev.kedge.repository.InstanceDisk;
import dev.kedge.repository.Repository;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Checks the disks of one instance: the restore points, the volumes to be made. One thread. */
final class DiskCheck {
  private static final long GIB = 1L << 30;

  private final OpenStack cloud;
  private final Repository repository;
  private final Origin.Instance original;
  private final InstancePlan plan;
  private final PlanReport report;

  DiskCheck(
      OpenStack cloud,
      Repository repository,
      Origin.Instance original,
      InstancePlan plan,
      PlanReport report) {
    this.cloud = cloud;
    this.repository = repository;
    this.original = original;
    this.plan = plan;
    this.report = report;
  }

  void check(Demand demand) {
    List<String> known = original.point().disks().stream().map(DiskKey::of).toList();
    plan.disks().keySet().stream()
        .filter(key -> !known.contains(key))
        .forEach(key ->
            report.problem(
                "disk " + key,
                "the instance had none of that name, but " + String.join(", ", known)));
    for (InstanceDisk disk : original.point().disks()) {
      DiskPlan wanted = plan.disks().get(DiskKey.of(disk));
      if (wanted != null) {
        check(disk, wanted, demand);
      }
    }
  }

  private void check(InstanceDisk disk, DiskPlan wanted, Demand demand) {
    String label = "disk " + DiskKey.of(disk);
    switch (disk.content()) {
      case InstanceDisk.LeftOut(String reason) -> {
        if (wanted.restore()) {
          report.problem(label, "it was not backed up: " + reason);
        } else {
          report.leave(label, "it was not backed up: " + reason);
        }
      }
      case InstanceDisk.Kept kept -> {
        if (wanted.restore()) {
          place(label, disk, kept, wanted, chain(label, kept), demand);
        } else if (disk.boot()) {
          report.problem(label, "an instance cannot start without the disk that it boots from");
        } else {
          report.leave(label, disk.role() == InstanceDisk.Role.SWAP ? "Nova makes it again" : "");
        }
      }
    }
  }

  private boolean chain(String label, InstanceDisk.Kept kept) {
    try {
      repository.image(kept.image()).chain(kept.point());
      return true;
    } catch (KedgeException e) {
      report.problem(label, e.getMessage());
      return false;
    }
  }

  private void place(
      String label,
      InstanceDisk disk,
      InstanceDisk.Kept kept,
      DiskPlan wanted,
      boolean readable,
      Demand demand) {
    if (!wanted.volume()) {
      if (disk.role() == InstanceDisk.Role.VOLUME) {
        report.problem(label, "a volume stays a volume: set 'as' to volume");
      } else if (kept.image().isRootDisk()) {
        report.create(label, "as an image, which stays: Nova makes its disk of it");
      } else {
        report.create(label, "written onto the disk that Nova makes");
      }
      return;
    }
    demand.volume(wanted.sizeGib());
    if (wanted.sizeGib() * GIB < kept.sizeBytes()) {
      report.problem(
          label,
          "%d GiB are too few: it has %d bytes".formatted(wanted.sizeGib(), kept.sizeBytes()));
    }
    boolean encrypted = original.isEncrypted(disk);
    EncryptionCheck encryption = new EncryptionCheck(cloud, report);
    if (encrypted) {
      Optional<String> keyId = original.keyId(disk);
      encryption.key(label, keyId);
      keyId
          .filter(_ -> readable)
          .ifPresent(key -> encryption.header(label, key, new StoredHeader(repository, kept)));
    }
    Optional<VolumeType> type = type(wanted);
    type.ifPresent(found -> {
      encryption.type(label, found, encrypted);
      new NotRestored(report).qosOf(cloud, original, disk, found);
    });
    report.create(
        "volume " + wanted.name(),
        "%d GiB, %s, at %s"
            .formatted(
                wanted.sizeGib(),
                type.map(t -> "type " + t.name()).orElse("Cinder's default type"),
                DiskKey.of(disk)));
  }

  private Optional<VolumeType> type(DiskPlan wanted) {
    String name = wanted.type();
    return name == null
        ? Optional.empty()
        : Found.of(
            report,
            "volume type " + name,
            () -> cloud.cinder().types().byNameOrId(Objects.requireNonNull(name), Query.none()));
  }
}
