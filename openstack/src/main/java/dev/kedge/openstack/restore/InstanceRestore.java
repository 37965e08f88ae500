package dev.kedge.openstack.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.barbican.VolumeKeys;
import dev.kedge.openstack.client.Waiter;
import dev.kedge.openstack.config.KedgeConfig;
import dev.kedge.openstack.disks.CephClusters;
import dev.kedge.openstack.disks.DiskFinder;
import dev.kedge.openstack.disks.VolumeLocator;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.restore.plan.InstancePlan;
import dev.kedge.openstack.restore.plan.Origin;
import dev.kedge.openstack.restore.plan.PlanReport;
import dev.kedge.openstack.restore.plan.PlanText;
import dev.kedge.openstack.restore.plan.RestorePlan;
import dev.kedge.openstack.restore.plan.RestoreScope;
import dev.kedge.repository.InstancePoint;
import dev.kedge.repository.Repository;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;

/**
 * Restores instances by a plan. Everything that is made is written into a journal on the target, so
 * that a restore that fails removes all of it, and one that was killed can be gone on with or
 * removed. What was there before is used, never deleted. For one thread.
 */
public final class InstanceRestore {
  private final OpenStack cloud;
  private final String projectId;
  private final KedgeConfig config;
  private final CephClusters clusters;
  private final Repository repository;
  private final Progress progress;
  private final CancelToken cancel;
  private final Clock clock;
  private final Duration timeout;

  /**
   * A restore.
   *
   * @param cloud as a user of the project that the instances go to
   * @param clusters the configuration's
   * @param timeout how long to wait for each single thing that OpenStack does
   */
  public InstanceRestore(
      OpenStack cloud,
      KedgeConfig config,
      CephClusters clusters,
      Repository repository,
      Progress progress,
      CancelToken cancel,
      Clock clock,
      Duration timeout) {
    this.cloud = cloud;
    this.projectId = ProjectScope.idOf(cloud);
    this.config = config;
    this.clusters = clusters;
    this.repository = repository;
    this.progress = progress;
    this.cancel = cancel;
    this.clock = clock;
    this.timeout = timeout;
  }

  /**
   * Restores.
   *
   * @param report of the plan's check, without problems
   * @param keep whether a failure leaves what was made, to be gone on with
   * @throws KedgeException REFUSED where the report has problems or an earlier restore of the
   *     instance did not end; else what failed, and what became of the things made
   */
  public RestoreOutcome run(
      Origin origin, RestorePlan plan, RestoreScope scope, PlanReport report, boolean keep) {
    List<UUID> instances =
        origin.instances().stream()
            .map(instance -> instance.point().instance().id())
            .distinct()
            .toList();
    try (RestoreLeases leases = RestoreLeases.acquire(repository, instances)) {
      // Before the report, whose problems are what an unfinished restore made.
      instances.forEach(this::refuseUnfinished);
      RestoreFailure.refuse(report);
      RestoreJournal journal =
          RestoreJournal.begin(
              repository.restoreJournals(),
              instances,
              UUID.randomUUID(),
              clock.instant(),
              projectId,
              scope,
              PlanText.write(plan, origin));
      journal.guardBy(leases::assertHeld);
      return run(journal, origin, plan, keep);
    }
  }

  private void refuseUnfinished(UUID instance) {
    RestoreJournal.unfinished(repository.restoreJournals(), instance)
        .ifPresent(journal -> {
          throw new KedgeException(
              ErrorCode.REFUSED,
              "a restore of instance %s began at %s and did not end: go on with --resume, or remove what it made with --clean-up"
                  .formatted(instance, journal.startedAt()));
        });
  }

  /**
   * Goes on with the restore of an instance that was killed or failed.
   *
   * @throws KedgeException as {@link #run}; NOT_FOUND where there is none
   */
  public RestoreOutcome resume(UUID instance, boolean keep) {
    return withUnfinished(instance, journal -> resume(journal, keep));
  }

  private RestoreOutcome resume(RestoreJournal journal, boolean keep) {
    RestorePlan plan = PlanText.read(journal.plan(), "the journal of restore " + journal.id());
    List<InstancePoint> points =
        plan.instances().stream()
            .map(instance -> repository.instances().find(instance.point().toString()))
            .toList();
    return run(journal, new Origin(points), plan, keep);
  }

  /**
   * Removes what an unfinished restore of an instance made.
   *
   * @return what could not be removed, with reasons
   * @throws KedgeException BUSY where it still runs, NOT_FOUND where there is none
   */
  public List<String> cleanUp(UUID instance) {
    return withUnfinished(instance, journal -> cleanUp(journal, cancel));
  }

  private <T> T withUnfinished(UUID instance, Function<RestoreJournal, T> action) {
    try (RestoreLeases leases =
        RestoreLeases.acquire(repository, unfinished(instance).instances())) {
      // Another process may have ended it before the leases were ours.
      RestoreJournal journal = unfinished(instance);
      journal.guardBy(leases::assertHeld);
      refuseOtherProject(journal);
      return action.apply(journal);
    }
  }

  private RestoreJournal unfinished(UUID instance) {
    return RestoreJournal.unfinished(repository.restoreJournals(), instance)
        .orElseThrow(() ->
            new KedgeException(
                ErrorCode.NOT_FOUND,
                "no restore of instance " + instance + " was begun and did not end"));
  }

  private void refuseOtherProject(RestoreJournal journal) {
    if (!journal.projectId().equals(projectId)) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "restore %s was begun in project %s, and these credentials are for %s"
              .formatted(journal.id(), journal.projectId(), projectId));
    }
  }

  private RestoreOutcome run(
      RestoreJournal journal, Origin origin, RestorePlan plan, boolean keep) {
    try {
      return make(journal, origin, plan);
    } catch (Exception e) {
      if (keep) {
        throw RestoreFailure.kept(e);
      }
      progress.note("failed; removing what was made");
      // A wish to stop ends the restore, not its clean-up.
      throw RestoreFailure.cleaned(e, cleanUp(journal, new CancelToken()));
    }
  }

  private List<String> cleanUp(RestoreJournal journal, CancelToken token) {
    return new CleanUp(
            journal, new MadeObjects(cloud, waiter(token)), new Marks(journal.id()), progress)
        .run();
  }

  private Waiter waiter(CancelToken token) {
    return new Waiter(timeout, token, progress::note);
  }

  private RestoreOutcome make(RestoreJournal journal, Origin origin, RestorePlan plan) {
    long startNanos = System.nanoTime();
    Waiter waiter = waiter(cancel);
    Maker maker =
        new Maker(
            journal, new MadeObjects(cloud, waiter), new Marks(journal.id()), progress, cancel);
    Targets targets = new Targets(cloud, plan, maker);
    RestoreScope scope = journal.scope();
    NetworkSteps networks = new NetworkSteps(cloud, origin, plan, maker, targets);
    new SecurityGroupSteps(cloud, origin, plan, maker, targets).run(!scope.withInstances());
    if (scope.withNetworks()) {
      networks.run();
    }
    List<RestoreOutcome.RestoredServer> servers = new ArrayList<>();
    if (scope.withInstances()) {
      DiskWriter writer = new DiskWriter(repository, clusters, progress, cancel);
      InstanceSteps steps =
          new InstanceSteps(
              cloud,
              maker,
              waiter,
              () -> new DiskFinder(cloud, config, clusters),
              writer,
              new ComputeSteps(
                  cloud,
                  maker,
                  waiter,
                  new ImageUpload(cloud.glance(), repository, progress, cancel)),
              new VolumeSteps(
                  cloud,
                  maker,
                  waiter,
                  new VolumeLocator(cloud.cinder(), config, clusters),
                  writer,
                  new VolumeFiller(cloud, maker, repository, progress, cancel),
                  new VolumeKeySteps(new VolumeKeys(cloud.barbican()), clusters)),
              new PortSteps(cloud, origin, plan, maker, targets, progress),
              progress);
      for (InstancePlan instance : plan.instances()) {
        Origin.Instance original = origin.instance(instance.point());
        Server server = steps.run(original, instance);
        steps.settle(original, instance);
        servers.add(
            new RestoreOutcome.RestoredServer(
                original.point().instance().id().toString(),
                server.id(),
                server.name(),
                server.status()));
      }
    }
    networks.settle();
    new SharedSettlement(cloud, origin, maker).run();
    journal.close();
    return new RestoreOutcome(
        journal.id(), servers, journal.made(), Duration.ofNanos(System.nanoTime() - startNanos));
  }
}
