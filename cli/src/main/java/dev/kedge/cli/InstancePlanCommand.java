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
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
      "address, volume type or project, or fewer disks: change it, and restore with --plan.",
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
    try (OpenStack cloud = cloudFlags.open(session)) {
      session
          .out()
          .print(
              PlanText.write(
                  new DefaultPlan(cloud, ProjectScope.idOf(cloud), origin).make(), origin));
    }
    return 0;
  }
}
