package dev.kedge.cli;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.restore.ProjectScope;
import dev.kedge.openstack.restore.plan.DefaultPlan;
import dev.kedge.openstack.restore.plan.Origin;
import dev.kedge.openstack.restore.plan.PlanText;
import dev.kedge.repository.InstancePoint;
import dev.kedge.repository.Repository;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kedge instance plan}. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Write a plan for restoring instances, to be changed by hand.",
    description = {
      "",
      "The plan, in YAML, brings everything back as it was. Another name, flavour, network,",
      "address or volume type, or fewer disks: change it, and restore with --plan, and with the",
      "same --project if it is for another one.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge instance plan 3f2a --target /mnt/backup > restore.yaml",
      "  kedge instance restore --plan restore.yaml --target /mnt/backup --dry-run",
      "  kedge instance restore --plan restore.yaml --target /mnt/backup"
    })
final class InstancePlanCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      arity = "1..*",
      paramLabel = "POINT",
      description = "restore points of instances, by id or enough of its start")
  private List<String> points = new ArrayList<>();

  @Option(
      names = "--project",
      paramLabel = "ID",
      description = "for a restore into this project (default: the credentials')")
  private @Nullable String project;

  @Mixin private TargetFlag target = new TargetFlag();
  @Mixin private CloudFlags cloudFlags = new CloudFlags();

  InstancePlanCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Repository repository = Repository.open(target.open());
    List<InstancePoint> found = points.stream().map(repository.instances()::find).toList();
    Origin origin = new Origin(found);
    try (OpenStack login = cloudFlags.open(session);
        OpenStack cloud =
            project == null ? login : ProjectScope.into(login, Objects.requireNonNull(project))) {
      session
          .out()
          .print(
              PlanText.write(
                  new DefaultPlan(cloud, ProjectScope.idOf(cloud), origin).make(), origin));
    }
    return 0;
  }
}
