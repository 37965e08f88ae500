package dev.kedge.openstack.capture;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.backup.Backup;
import dev.kedge.engine.backup.BackupRequest;
import dev.kedge.engine.backup.BackupResult;
import dev.kedge.engine.backup.StreamBackup;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.config.KedgeConfig;
import dev.kedge.openstack.copy.Copies;
import dev.kedge.openstack.disks.CephClusters;
import dev.kedge.openstack.disks.Disk;
import dev.kedge.openstack.disks.DiskFinder;
import dev.kedge.openstack.disks.DiskSource;
import dev.kedge.openstack.disks.FoundDisks;
import dev.kedge.openstack.disks.ServerDisks;
import dev.kedge.openstack.freeze.Freezer;
import dev.kedge.openstack.freeze.StandStill;
import dev.kedge.openstack.nova.Server;
import dev.kedge.repository.ImageIdentity;
import dev.kedge.repository.InstanceDisk;
import dev.kedge.repository.InstancePoint;
import dev.kedge.repository.InstancePoint.Consistency;
import dev.kedge.repository.InstancePoint.Instance;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Repository;
import dev.kedge.repository.UnknownFields;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One backup of some instances, all their disks at one moment: disks found, metadata read, images
 * prepared; guests stand still, snapshots, guests go on; data, a few disks at a time; and for each
 * instance whose disks all have their restore points, its record. Killed at any step it leaves the
 * guests running, and what the next run cleans up. One use, one thread.
 */
public final class InstanceBackup {
  private final OpenStack cloud;
  private final KedgeConfig config;
  private final CephClusters clusters;
  private final Supplier<Repository> target;
  private final InstanceBackupRequest request;
  private final Clock clock;
  private final RandomGenerator random;
  private final SharedProgress progress;
  private final CancelToken cancel;

  /**
   * A backup.
   *
   * @param target the repository, which is asked for once it is known what there is to back up
   * @param random picks what the cross-check looks at
   */
  public InstanceBackup(
      OpenStack cloud,
      KedgeConfig config,
      CephClusters clusters,
      Supplier<Repository> target,
      InstanceBackupRequest request,
      Clock clock,
      RandomGenerator random,
      Progress progress,
      CancelToken cancel) {
    this.cloud = cloud;
    this.config = config;
    this.clusters = clusters;
    this.target = target;
    this.request = request;
    this.clock = clock;
    this.random = random;
    this.progress = new SharedProgress(progress);
    this.cancel = cancel;
  }

  /**
   * Runs the backup.
   *
   * @return what became of each instance, in the given order
   * @throws KedgeException where no instance could be backed up
   */
  public List<InstanceOutcome> run(List<Server> servers) {
    FoundDisks found = new DiskFinder(cloud, config, clusters).find(servers);
    found.servers().forEach(this::requireAnything);
    List<Member> members = members(found);
    if (guests(members).isEmpty()) {
      return run(found, members, null);
    }
    // It starts while there is other work to do.
    try (Freezer freezer = Freezer.start()) {
      return run(found, members, freezer);
    }
  }

  /** One instance of those that are backed up together. */
  private record Member(ServerDisks found, StandStillPlan plan, MetadataCapture.Captured metadata) {
    Server server() {
      return found.server();
    }

    Member with(StandStillPlan other) {
      return new Member(found, other, metadata);
    }
  }

  private List<Member> members(FoundDisks found) {
    StandStillPlanner planner = new StandStillPlanner(cloud, config);
    int disks = found.distinctOnCeph().size();
    List<Member> members = new ArrayList<>();
    for (ServerDisks server : found.servers()) {
      cancel.check();
      members.add(
          new Member(
              server,
              planner.plan(server.server(), request.consistency(), disks),
              new MetadataCapture(cloud).capture(server)));
    }
    return members;
  }

  private static List<StandStill> guests(List<Member> members) {
    return members.stream().map(member -> member.plan().how()).filter(Objects::nonNull).toList();
  }

  private List<InstanceOutcome> run(
      FoundDisks found, List<Member> members, @Nullable Freezer freezer) {
    Repository repository = target.get();
    try (DiskBackups disks = new DiskBackups(progress::note)) {
      prepare(found, repository, disks);
      cancel.check();
      Moment.Result moment = takeSnapshots(guests(members), freezer, disks.onCeph());
      List<Member> reached = members.stream().map(member -> reached(member, moment)).toList();
      disks.takeSlowSnapshots();
      disks.moveData(request.parallelDisks());
      return commit(reached, moment, disks, repository);
    }
  }

  private void requireAnything(ServerDisks server) {
    if (server.disks().stream().noneMatch(Disk.CephDisk.class::isInstance)
        && copied(new FoundDisks(List.of(server))).isEmpty()) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          server.server().label()
              + " has no disk that can be backed up: "
              + server.disks().stream()
                  .map(disk -> disk.source().label() + ": " + DiskRecords.reason(disk))
                  .findFirst()
                  .orElse("it has no disks"));
    }
  }

  /** The disks to be copied, each once. */
  private Map<ImageIdentity, DiskSource> copied(FoundDisks found) {
    Map<ImageIdentity, DiskSource> disks = new LinkedHashMap<>();
    if (request.copyOthers()) {
      for (Disk.DiskNotOnCeph disk : found.notOnCeph()) {
        Copies.identity(disk.source())
            .ifPresent(identity -> disks.putIfAbsent(identity, disk.source()));
      }
    }
    return disks;
  }

  private void prepare(FoundDisks found, Repository repository, DiskBackups prepared) {
    for (Disk.CephDisk disk : found.distinctOnCeph()) {
      cancel.check();
      Backup backup =
          new Backup(
              clusters.cluster(disk.cluster()),
              repository,
              new BackupRequest(disk.location(), request.layer(), retainsSnapshot(disk)),
              clock,
              random,
              progress,
              cancel);
      prepared.add(new RbdDiskBackup(disk, backup.prepare()));
    }
    Copies copies = new Copies(cloud, clock, progress::note, cancel);
    copied(found)
        .forEach((identity, disk) -> {
          cancel.check();
          prepared.add(
              new CopiedDiskBackup(
                  disk.label(),
                  identity,
                  StreamBackup.prepare(
                      copies.of(identity), repository, request.layer(), clock, progress, cancel)));
        });
  }

  private boolean retainsSnapshot(Disk.CephDisk disk) {
    return config.novaRetainsSnapshots() || !(disk.source() instanceof DiskSource.NovaDisk);
  }

  private Moment.Result takeSnapshots(
      List<StandStill> guests, @Nullable Freezer freezer, List<RbdDiskBackup> disks) {
    if (freezer == null) {
      return Moment.withoutFreezing(disks, clock);
    }
    Moment.Result moment = new Moment(freezer, request.freezeTimeout(), clock).take(guests, disks);
    String broken = moment.broken();
    if (broken != null && request.consistency() != ConsistencyWish.AUTO) {
      throw new KedgeException(
          ErrorCode.FAILED,
          "nothing was backed up, because a guest did not stand still as wanted: "
              + broken
              + "; --consistency auto takes what can be had");
    }
    return moment;
  }

  /** What the plan came to. A guest that was off may have been started meanwhile. */
  private Member reached(Member member, Moment.Result moment) {
    StandStillPlan plan = member.plan();
    String broken = plan.how() == null ? startedMeanwhile(member.server(), plan) : moment.broken();
    if (broken == null) {
      return member;
    }
    return member.with(
        new StandStillPlan(
            Consistency.CRASH,
            plan.how(),
            Stream.concat(
                    plan.notes().stream(),
                    Stream.of("it did not stand still for the snapshots: " + broken))
                .toList()));
  }

  private @Nullable String startedMeanwhile(Server server, StandStillPlan plan) {
    if (plan.consistency() == Consistency.CRASH) {
      return null;
    }
    return cloud
        .nova()
        .servers()
        .find(server.id())
        .filter(now -> StandStillPlanner.withoutDoing(now).isEmpty())
        .map(now -> "it was started meanwhile")
        .orElse(null);
  }

  private List<InstanceOutcome> commit(
      List<Member> members, Moment.Result moment, DiskBackups disks, Repository repository) {
    UUID momentId = UUID.randomUUID();
    List<InstanceOutcome> outcomes = new ArrayList<>();
    for (Member member : members) {
      try {
        InstancePoint point = point(momentId, member, moment, disks, repository);
        repository.instances().commit(point);
        outcomes.add(new InstanceOutcome.Committed(point, results(member.found(), disks)));
      } catch (KedgeException e) {
        outcomes.add(new InstanceOutcome.Failed(member.server(), e));
      }
    }
    return outcomes;
  }

  private InstancePoint point(
      UUID momentId,
      Member member,
      Moment.Result moment,
      DiskBackups disks,
      Repository repository) {
    Server server = member.server();
    UUID instanceId = UUID.fromString(server.id());
    List<InstanceDisk> records =
        member.found().disks().stream()
            .map(disk -> DiskRecords.of(disk, disks.resultOf(disk)))
            .toList();
    return new InstancePoint(
        UUID.randomUUID(),
        momentId,
        repository.instances().list(instanceId).nextSequence(instanceId),
        moment.at(),
        new Instance(
            instanceId,
            server.name(),
            server.projectId(),
            server.userId(),
            cloud.config().name(),
            cloud.config().region()),
        member.plan().consistency(),
        member.plan().how() == null ? 0 : seconds(moment.stoodStill()),
        records,
        member.metadata().metadata().raw(),
        notes(member, moment, disks),
        Manifest.WRITER,
        UnknownFields.NONE);
  }

  private static List<String> notes(Member member, Moment.Result moment, DiskBackups disks) {
    List<String> notes = new ArrayList<>(member.plan().notes());
    notes.addAll(member.metadata().notes());
    if (StandStillPlanner.withoutDoing(member.server()).isEmpty()) {
      for (CopiedDiskBackup copied : disks.copied()) {
        if (member.found().disks().stream().anyMatch(copied::isOf)) {
          notes.add(
              String.format(
                  Locale.ROOT,
                  "%s is not of the same moment as the other disks: %s was asked for %.1f s later,"
                      + " while the guest ran",
                  copied.label(),
                  copied.isRootDisk()
                      ? "Nova's image of it, which holds what was there when Nova had read it,"
                      : "Cinder's snapshot of it",
                  seconds(Duration.between(moment.at(), copied.takenAt()))));
        }
      }
    }
    return notes;
  }

  private static Map<UUID, BackupResult> results(ServerDisks server, DiskBackups disks) {
    Map<UUID, BackupResult> results = new HashMap<>();
    for (Disk disk : server.disks()) {
      disks.resultOf(disk).ifPresent(result -> results.put(result.manifest().id(), result));
    }
    return results;
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }
}
