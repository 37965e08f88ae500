package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.config.KedgeConfig;
import dev.kedge.openstack.disks.CephClusters;
import dev.kedge.openstack.restore.InstanceRestore;
import dev.kedge.openstack.restore.ProjectScope;
import dev.kedge.openstack.restore.RestoreOutcome;
import dev.kedge.openstack.restore.ServerInPlaceRestore;
import dev.kedge.openstack.restore.plan.DefaultPlan;
import dev.kedge.openstack.restore.plan.Origin;
import dev.kedge.openstack.restore.plan.PlanCheck;
import dev.kedge.openstack.restore.plan.PlanReport;
import dev.kedge.openstack.restore.plan.PlanText;
import dev.kedge.openstack.restore.plan.RestorePlan;
import dev.kedge.repository.InstancePoint;
import dev.kedge.repository.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code kedge instance restore}. */
@Command(
    name = "restore",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Bring a deleted instance back, or restore instances by a plan.",
    description = {
      "",
      "Without a plan the instance comes back as it was: what still exists is used, what is",
      "gone is made again. Everything is checked before anything is touched. A restore that",
      "fails removes what it made; what was there before is never deleted.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge instance restore 3f2a --target /mnt/backup --dry-run",
      "  kedge instance restore 3f2a --target /mnt/backup",
      "  kedge instance restore --plan restore.yaml --target /mnt/backup",
      "  kedge instance restore 3f2a --target /mnt/backup --in-place --disks vdb",
      "  kedge instance restore 3f2a --target /mnt/backup --security-groups-only",
      "  kedge instance restore 3f2a --target /mnt/backup --resume"
    })
final class InstanceRestoreCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "POINT",
      description = "an instance's restore point, by id or enough of its start")
  private @Nullable String point;

  @Mixin private TargetFlag target = new TargetFlag();
  @Mixin private InstanceRestoreFlags flags = new InstanceRestoreFlags();
  @Mixin private CloudFlags cloudFlags = new CloudFlags();
  @Mixin private OutputFlag output = new OutputFlag();

  InstanceRestoreCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if ((point == null) == (flags.plan == null)) {
      throw new KedgeException(ErrorCode.USAGE, "name a restore point, or a --plan");
    }
    Repository repository = Repository.open(target.open());
    KedgeConfig config = cloudFlags.config();
    @Nullable RestorePlan given = flags.plan == null ? null : read(flags.plan);
    Origin origin = new Origin(points(repository, given));
    ProgressLine progress = new ProgressLine(session);
    try (OpenStack login = cloudFlags.open(session);
        OpenStack cloud = ProjectScope.into(login, project(login, given, origin));
        CephClusters clusters = new CephClusters(config.clusters())) {
      if (flags.inPlace) {
        return inPlace(
            new ServerInPlaceRestore(
                cloud, config, clusters, repository, progress, session.cancel(), flags.timeout()),
            repository,
            origin.instances().getFirst().point());
      }
      InstanceRestore restore =
          new InstanceRestore(
              cloud,
              config,
              clusters,
              repository,
              progress,
              session.cancel(),
              Clock.systemUTC(),
              flags.timeout());
      return run(restore, cloud, repository, given, origin);
    } finally {
      progress.clear();
    }
  }

  private int inPlace(ServerInPlaceRestore restore, Repository repository, InstancePoint found) {
    if (flags.plan != null || flags.dryRun || flags.resume || flags.cleanUp) {
      throw new KedgeException(
          ErrorCode.USAGE, "--in-place takes a restore point, and --disks, but none of the others");
    }
    new InstanceRestoreReport(session, output.isJson())
        .print(found, repository.location(), restore.run(found, flags.disks));
    return 0;
  }

  /** As it was means where it was; a plan is for the credentials' project. */
  private String project(OpenStack login, @Nullable RestorePlan given, Origin origin) {
    if (flags.project != null) {
      return flags.project;
    }
    return given == null
        ? origin.instances().getFirst().point().instance().projectId()
        : ProjectScope.idOf(login);
  }

  private int run(
      InstanceRestore restore,
      OpenStack cloud,
      Repository repository,
      @Nullable RestorePlan given,
      Origin origin) {
    InstanceRestoreReport report = new InstanceRestoreReport(session, output.isJson());
    if (flags.cleanUp) {
      report.printCleanUp(restore.cleanUp(firstInstance(origin)));
      return 0;
    }
    if (flags.resume) {
      report.print(restore.resume(firstInstance(origin), flags.keep));
      return 0;
    }
    String project = ProjectScope.idOf(cloud);
    RestorePlan plan = given == null ? new DefaultPlan(cloud, project, origin).make() : given;
    PlanReport check =
        new PlanCheck(cloud, project, repository, origin, given == null).check(plan, flags.scope());
    if (flags.dryRun) {
      report.print(check);
      return check.problems().isEmpty() ? 0 : ErrorCode.REFUSED.exitStatus();
    }
    RestoreOutcome outcome = restore.run(origin, plan, flags.scope(), check, flags.keep);
    report.print(outcome);
    return 0;
  }

  private List<InstancePoint> points(Repository repository, @Nullable RestorePlan plan) {
    return plan == null
        ? List.of(repository.instances().find(String.valueOf(point)))
        : plan.instances().stream()
            .map(instance -> repository.instances().find(instance.point().toString()))
            .toList();
  }

  private static UUID firstInstance(Origin origin) {
    return origin.instances().getFirst().point().instance().id();
  }

  private static RestorePlan read(Path file) {
    if (!Files.exists(file)) {
      throw new KedgeException(ErrorCode.NOT_FOUND, file + " does not exist");
    }
    try {
      return PlanText.read(Files.readString(file), file.toString());
    } catch (IOException e) {
      throw new KedgeException(ErrorCode.USAGE, file + " cannot be read: " + e.getMessage(), e);
    }
  }
}
