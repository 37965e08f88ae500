package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.restore.plan.RestoreScope;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How instances are restored. */
final class InstanceRestoreFlags {
  @Option(
      names = "--plan",
      paramLabel = "FILE",
      description = "restore by this plan, which 'kedge instance plan' wrote and you changed")
  @Nullable Path plan;

  @Option(
      names = "--project",
      paramLabel = "ID",
      description =
          "restore into this project (default: the instance's; with a plan the credentials')")
  @Nullable String project;

  @Option(
      names = "--dry-run",
      description = "only say what would be made and used, and what cannot work")
  boolean dryRun;

  @Option(
      names = "--in-place",
      description = "take the disks of an instance that exists back; it is stopped meanwhile")
  boolean inPlace;

  @Option(
      names = "--disks",
      split = ",",
      paramLabel = "DISK",
      description = "with --in-place: only these, as a plan calls them (default: all)")
  List<String> disks = new ArrayList<>();

  @Option(names = "--networks-only", description = "no instance, only networks and routers")
  private boolean networksOnly;

  @Option(
      names = "--security-groups-only",
      description = "only security groups; those that exist get the rules that they lack")
  private boolean securityGroupsOnly;

  @Option(names = "--resume", description = "go on with a restore that was killed")
  boolean resume;

  @Option(names = "--clean-up", description = "remove what a restore that was killed has made")
  boolean cleanUp;

  @Option(names = "--keep", description = "if it fails, keep what was made, for --resume")
  boolean keep;

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description =
          "how long to wait for each single thing that OpenStack does (default: ${DEFAULT-VALUE})")
  private int waitSeconds = 600;

  RestoreScope scope() {
    if (networksOnly && securityGroupsOnly) {
      throw new KedgeException(
          ErrorCode.USAGE, "--networks-only brings the security groups with it: name one of both");
    }
    if (securityGroupsOnly) {
      return RestoreScope.SECURITY_GROUPS;
    }
    return networksOnly ? RestoreScope.NETWORKS : RestoreScope.INSTANCES;
  }

  Duration timeout() {
    return Duration.ofSeconds(Math.max(1, waitSeconds));
  }
}
