package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.capture.ConsistencyWish;
import dev.kedge.openstack.capture.InstanceBackup;
import dev.kedge.openstack.capture.InstanceBackupRequest;
import dev.kedge.openstack.capture.InstanceOutcome;
import dev.kedge.openstack.config.KedgeConfig;
import dev.kedge.openstack.disks.CephClusters;
import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.Repository;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kedge instance backup}. */
@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Back up instances: all their disks of one moment, and what the cloud knows of them.",
    description = {
      "",
      "Guests stand still only for the moment of the snapshots. A disk that is not on Ceph is",
      "left out, and the exit status is 11; --non-ceph copy protects it, too.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge instance backup web1 --target /mnt/backup",
      "  kedge instance backup db1 db2 --target /mnt/backup --consistency agent",
      "  kedge instance backup old1 --target /mnt/backup --non-ceph copy",
      "  kedge instance backup web1 --os-cloud prod --config kedge.yaml --target /mnt/backup -o json"
    })
final class InstanceBackupCommand implements Callable<Integer> {
  private static final int MAX_PARALLEL = 16;

  private final Session session;

  @Parameters(arity = "1..*", paramLabel = "SERVER", description = "instances, by name or id")
  private List<String> servers = new ArrayList<>();

  @Mixin private TargetFlag target = new TargetFlag();

  @Option(
      names = "--consistency",
      paramLabel = "auto|agent|pause|crash",
      defaultValue = "auto",
      description = {
        "what is done to guests for the snapshots: agent freezes file systems, pause stops",
        "processors, crash does nothing; auto: agent if it answers, else pause where there are",
        "several disks (default: ${DEFAULT-VALUE})"
      })
  private String consistency = "auto";

  @Option(
      names = "--freeze-timeout",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "no guest stands still for longer (default: ${DEFAULT-VALUE})")
  private int freezeTimeoutSeconds = 10;

  @Option(
      names = "--parallel",
      paramLabel = "DISKS",
      defaultValue = "2",
      description = "how many disks are read at a time (default: ${DEFAULT-VALUE})")
  private int parallel = 2;

  @Option(
      names = "--non-ceph",
      paramLabel = "leave|copy",
      defaultValue = "leave",
      description = {
        "volumes and root disks that are not on Ceph: leave them out, or copy each through",
        "temporary snapshots, volumes and images, which are read whole every time",
        "(default: ${DEFAULT-VALUE})"
      })
  private String nonCeph = "leave";

  @Mixin private LayerFlags layer = new LayerFlags();
  @Mixin private CloudFlags cloudFlags = new CloudFlags();
  @Mixin private OutputFlag output = new OutputFlag();

  InstanceBackupCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    InstanceBackupRequest request = request();
    BackupTarget place = target.openForBackup();
    KedgeConfig config = cloudFlags.config();
    ProgressLine progress = new ProgressLine(session);
    List<InstanceOutcome> outcomes;
    try (OpenStack cloud = cloudFlags.open(session);
        CephClusters clusters = new CephClusters(config.clusters())) {
      outcomes =
          new InstanceBackup(
                  cloud,
                  config,
                  clusters,
                  () -> Repository.openOrCreate(place),
                  request,
                  Clock.systemUTC(),
                  RandomGenerator.getDefault(),
                  progress,
                  session.cancel())
              .run(Servers.find(cloud, servers));
    } finally {
      progress.clear();
    }
    InstanceReport report = new InstanceReport(session);
    if (output.isJson()) {
      report.printJson(outcomes);
    } else {
      report.printText(outcomes);
    }
    return status(outcomes);
  }

  private InstanceBackupRequest request() {
    if (parallel < 1 || parallel > MAX_PARALLEL) {
      throw new KedgeException(
          ErrorCode.USAGE, "--parallel " + parallel + ": use 1 to " + MAX_PARALLEL);
    }
    if (freezeTimeoutSeconds < 1) {
      throw new KedgeException(
          ErrorCode.USAGE, "--freeze-timeout " + freezeTimeoutSeconds + ": use 1 or more");
    }
    return new InstanceBackupRequest(
        wish(),
        Duration.ofSeconds(freezeTimeoutSeconds),
        // The processors are shared by the disks under way.
        layer.options(Math.max(1, Runtime.getRuntime().availableProcessors() / parallel)),
        parallel,
        copyOthers());
  }

  private boolean copyOthers() {
    return switch (nonCeph) {
      case "leave" -> false;
      case "copy" -> true;
      default ->
          throw new KedgeException(
              ErrorCode.USAGE, "--non-ceph " + nonCeph + ": use leave or copy");
    };
  }

  private ConsistencyWish wish() {
    try {
      return ConsistencyWish.valueOf(consistency.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new KedgeException(
          ErrorCode.USAGE, "--consistency " + consistency + ": use auto, agent, pause or crash", e);
    }
  }

  /** The worst of them: a failure counts more than a disk that was left out. */
  private static int status(List<InstanceOutcome> outcomes) {
    int status = 0;
    for (InstanceOutcome outcome : outcomes) {
      switch (outcome) {
        case InstanceOutcome.Failed failed -> {
          return failed.failure().code().exitStatus();
        }
        case InstanceOutcome.Committed committed -> {
          if (!committed.point().complete()) {
            status = ErrorCode.INCOMPLETE.exitStatus();
          }
        }
      }
    }
    return status;
  }
}
