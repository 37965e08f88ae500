package dev.kedge.openstack.restore;

import dev.kedge.engine.Progress;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.client.Waiter;
import dev.kedge.openstack.disks.Disk;
import dev.kedge.openstack.disks.DiskFinder;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.restore.plan.DiskKey;
import dev.kedge.openstack.restore.plan.DiskPlan;
import dev.kedge.openstack.restore.plan.InstancePlan;
import dev.kedge.openstack.restore.plan.Origin;
import dev.kedge.repository.InstanceDisk;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Makes one instance. Where all its disks are volumes and it shall run, their content is written
 * first, and the server starts with everything. Otherwise Nova has to make the server before the
 * disks have their content: it is made without network cards and data volumes, so that what runs
 * for a moment reaches nothing, is stopped, gets its content, then its cards and volumes, and is
 * started only then. A root disk that was not on Ceph comes from an image of it, and has its
 * content from the beginning. One thread.
 */
final class InstanceSteps {
  private static final long GIB = 1L << 30;

  private final OpenStack cloud;
  private final Maker maker;
  private final Waiter waiter;
  private final Supplier<DiskFinder> finder;
  private final DiskWriter writer;
  private final ComputeSteps compute;
  private final VolumeSteps volumes;
  private final PortSteps ports;
  private final Progress progress;

  InstanceSteps(
      OpenStack cloud,
      Maker maker,
      Waiter waiter,
      Supplier<DiskFinder> finder,
      DiskWriter writer,
      ComputeSteps compute,
      VolumeSteps volumes,
      PortSteps ports,
      Progress progress) {
    this.cloud = cloud;
    this.maker = maker;
    this.waiter = waiter;
    this.finder = finder;
    this.writer = writer;
    this.compute = compute;
    this.volumes = volumes;
    this.ports = ports;
    this.progress = progress;
  }

  Server run(Origin.Instance original, InstancePlan plan) {
    List<AttachedVolume> attached = new ArrayList<>();
    List<InstanceDisk> novas = new ArrayList<>();
    Optional<InstanceDisk.Kept> fromImage = Optional.empty();
    for (InstanceDisk disk : original.point().disks()) {
      DiskPlan wanted = plan.disks().get(DiskKey.of(disk));
      if (wanted != null && wanted.restore() && disk.content() instanceof InstanceDisk.Kept kept) {
        if (wanted.volume()) {
          attached.add(new AttachedVolume(volumes.make(original, disk, wanted), disk, kept));
        } else if (kept.image().isRootDisk()) {
          fromImage = Optional.of(kept);
        } else {
          novas.add(disk);
        }
      }
    }
    boolean contentLast = !novas.isEmpty() || !plan.running();
    ServerSteps server = new ServerSteps(cloud, maker, waiter, original, plan);
    String flavor = compute.flavor(original, plan);
    ServerSteps.Surroundings surroundings =
        new ServerSteps.Surroundings(
            flavor,
            image(original, plan, novas, fromImage),
            compute.keyPair(original, plan),
            compute.serverGroup(original, plan),
            ports.run(original, plan));
    if (!contentLast) {
      write(original, attached);
      return server.settled(server.withEverything(surroundings, attached));
    }
    String id = server.bare(surroundings, attached);
    write(original, attached);
    writeNovas(original, id, novas);
    server.complete(id, surroundings, attached);
    if (plan.running()) {
      server.start(id);
    }
    return server.settled(id);
  }

  private Optional<String> image(
      Origin.Instance original,
      InstancePlan plan,
      List<InstanceDisk> novas,
      Optional<InstanceDisk.Kept> fromImage) {
    if (fromImage.isPresent()) {
      return fromImage.map(kept -> compute.rootImage(original, kept));
    }
    return novas.stream().anyMatch(InstanceDisk::boot)
        ? compute.image(original, plan)
        : Optional.empty();
  }

  private void write(Origin.Instance original, List<AttachedVolume> attached) {
    for (AttachedVolume volume : attached) {
      progress.note("writing " + DiskKey.of(volume.disk()));
      volumes.write(original, volume);
    }
  }

  private void writeNovas(Origin.Instance original, String serverId, List<InstanceDisk> novas) {
    if (novas.isEmpty()) {
      return;
    }
    Server server = cloud.nova().servers().get(serverId);
    List<Disk> found = finder.get().find(server).disks();
    for (InstanceDisk disk : novas) {
      maker.once(
          "content of " + original.point().id() + " " + DiskKey.of(disk),
          () -> {
            progress.note("writing " + DiskKey.of(disk));
            Disk.CephDisk target = NovaDisks.match(found, disk, server);
            long gib = disk.role() == InstanceDisk.Role.ROOT ? server.flavor().rootDiskGib() : 0;
            writer.write(
                (InstanceDisk.Kept) disk.content(), target.cluster(), target.location(), gib * GIB);
          });
    }
  }

  /** What carried the restore's mark gets the originals' words back. */
  void settle(Origin.Instance original, InstancePlan plan) {
    original.point().disks().forEach(disk -> volumes.settle(original, disk));
    ports.settle(original, plan.ports());
    compute.settle(original);
  }
}
