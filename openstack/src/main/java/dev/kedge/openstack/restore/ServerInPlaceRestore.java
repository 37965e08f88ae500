package dev.kedge.openstack.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.RbdLocation;
import dev.kedge.engine.restore.inplace.InPlaceRequest;
import dev.kedge.engine.restore.inplace.InPlaceRestore;
import dev.kedge.engine.restore.inplace.InPlaceResult;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.client.Waiter;
import dev.kedge.openstack.config.KedgeConfig;
import dev.kedge.openstack.disks.CephClusters;
import dev.kedge.openstack.disks.Disk;
import dev.kedge.openstack.disks.DiskFinder;
import dev.kedge.openstack.disks.DiskSource;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.restore.plan.DiskKey;
import dev.kedge.repository.FoundPoint;
import dev.kedge.repository.InstanceDisk;
import dev.kedge.repository.InstancePoint;
import dev.kedge.repository.Repository;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Takes disks of an instance that exists back to a restore point: stops it, writes what differs,
 * and starts it again if it ran. Where a disk fails the instance stays stopped, for its disks may
 * be of different moments. For one thread.
 */
public final class ServerInPlaceRestore {
  private final OpenStack cloud;
  private final KedgeConfig config;
  private final CephClusters clusters;
  private final Repository repository;
  private final Progress progress;
  private final CancelToken cancel;
  private final Waiter waiter;

  /**
   * What became of a disk.
   *
   * @param image which lies there
   */
  public record RestoredDisk(RbdLocation image, InPlaceResult result) {}

  /** A disk of the record, and where the instance has it now. */
  private record Target(InstanceDisk.Kept kept, Disk.CephDisk disk) {}

  /**
   * A restore.
   *
   * @param clusters the configuration's
   * @param timeout how long to wait for the instance to stop, and to start
   */
  public ServerInPlaceRestore(
      OpenStack cloud,
      KedgeConfig config,
      CephClusters clusters,
      Repository repository,
      Progress progress,
      CancelToken cancel,
      Duration timeout) {
    this.cloud = cloud;
    this.config = config;
    this.clusters = clusters;
    this.repository = repository;
    this.progress = progress;
    this.cancel = cancel;
    this.waiter = new Waiter(timeout, cancel, progress::note);
  }

  /**
   * Restores.
   *
   * @param diskKeys which disks, as {@link DiskKey} calls them; empty: all that were backed up, but
   *     for swap and config drive
   * @return what was done, by disk
   * @throws KedgeException NOT_FOUND where the instance is gone, REFUSED where a disk is not there
   *     any more or the instance is neither running nor stopped: then nothing was touched
   */
  public Map<String, RestoredDisk> run(InstancePoint point, List<String> diskKeys) {
    Server server =
        cloud
            .nova()
            .servers()
            .find(point.instance().id().toString())
            .orElseThrow(() ->
                new KedgeException(
                    ErrorCode.NOT_FOUND,
                    "instance %s (%s) does not exist: restore it without --in-place"
                        .formatted(point.instance().name(), point.instance().id())));
    Map<String, Target> targets = targets(point, diskKeys, server);
    boolean ran = isRunning(server);
    if (ran) {
      progress.note("stopping " + server.label());
      cloud.nova().stop(server.id());
      await(server, "SHUTOFF");
    }
    Map<String, RestoredDisk> results = new LinkedHashMap<>();
    try {
      targets.forEach((key, target) -> results.put(key, write(key, target)));
    } catch (KedgeException e) {
      throw new KedgeException(
          e.code(),
          "%s; %s is left stopped: run it again, it goes on where it was"
              .formatted(e.getMessage(), server.label()),
          e);
    }
    if (ran) {
      cloud.nova().start(server.id());
      await(server, "ACTIVE");
    }
    return results;
  }

  private static boolean isRunning(Server server) {
    if (server.taskState() != null || !Set.of("ACTIVE", "SHUTOFF").contains(server.status())) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "%s is %s: start or stop it first".formatted(server.label(), server.status()));
    }
    return server.status().equals("ACTIVE");
  }

  private void await(Server server, String status) {
    waiter.until(
        server.label(),
        () -> cloud.nova().servers().get(server.id()),
        Server::state,
        Set.of(status));
  }

  private Map<String, Target> targets(InstancePoint point, List<String> diskKeys, Server server) {
    List<Disk> found = new DiskFinder(cloud, config, clusters).find(server).disks();
    Map<String, Target> targets = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    List<String> unknown = new ArrayList<>(diskKeys);
    for (InstanceDisk disk : point.disks()) {
      String key = DiskKey.of(disk);
      unknown.remove(key);
      if (diskKeys.isEmpty() ? !hasContent(disk) : !diskKeys.contains(key)) {
        continue;
      }
      if (!(disk.content() instanceof InstanceDisk.Kept kept)) {
        problems.add("disk " + key + " was not backed up");
        continue;
      }
      find(found, disk, server)
          .ifPresentOrElse(
              now -> {
                if (hasOtherKey(disk, now)) {
                  problems.add(
                      "disk " + key + " is encrypted with another key since, and would be noise");
                }
                targets.put(key, new Target(kept, now));
              },
              () ->
                  problems.add("disk " + key + " is not at the instance any more, or not on Ceph"));
    }
    unknown.forEach(key -> problems.add("the instance had no disk " + key));
    if (!problems.isEmpty()) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "nothing was touched, because it cannot work: " + String.join("; ", problems));
    }
    return targets;
  }

  private static boolean hasOtherKey(InstanceDisk was, Disk.CephDisk now) {
    return now.source() instanceof DiskSource.CinderVolume volume
        && !Objects.equals(was.encryptionKeyId(), volume.volume().encryptionKeyId());
  }

  private static boolean hasContent(InstanceDisk disk) {
    return disk.content() instanceof InstanceDisk.Kept
        && disk.role() != InstanceDisk.Role.SWAP
        && disk.role() != InstanceDisk.Role.CONFIG_DRIVE;
  }

  private static Optional<Disk.CephDisk> find(
      List<Disk> found, InstanceDisk wanted, Server server) {
    if (wanted.volumeId() == null) {
      return Optional.of(NovaDisks.match(found, wanted, server));
    }
    return found.stream()
        .filter(disk ->
            disk.source() instanceof DiskSource.CinderVolume volume
                && volume.volume().id().equals(wanted.volumeId()))
        .filter(Disk.CephDisk.class::isInstance)
        .map(Disk.CephDisk.class::cast)
        .findFirst();
  }

  private RestoredDisk write(String key, Target target) {
    progress.note("restoring " + key);
    Disk.CephDisk disk = target.disk();
    FoundPoint found = repository.findPoint(target.kept().point().toString());
    ImageSize size = new ImageSize(clusters.cluster(disk.cluster()), disk.location());
    long before = size.bytes();
    InPlaceResult result =
        new InPlaceRestore(
                clusters.cluster(disk.cluster()),
                repository,
                found,
                new InPlaceRequest(disk.location(), false, false, repository.readers()),
                Clock.systemUTC(),
                RandomGenerator.getDefault(),
                progress,
                cancel)
            .run();
    size.growTo(before);
    return new RestoredDisk(disk.location(), result);
  }
}
