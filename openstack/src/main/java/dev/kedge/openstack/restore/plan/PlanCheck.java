package dev.kedge.openstack.restore.plan;

import dev.kedge.openstack.OpenStack;
import dev.kedge.repository.Repository;
import org.jspecify.annotations.Nullable;

/**
 * Holds a plan against the cloud and the repository, and lists everything that it will make and use
 * and every problem, before anything is touched. For one thread.
 */
public final class PlanCheck {
  private final OpenStack cloud;
  private final String projectId;
  private final Repository repository;
  private final Origin origin;
  private final boolean asItWas;

  /**
   * A check.
   *
   * @param projectId where the instances go
   * @param asItWas whether the originals shall come back themselves, so that they must be gone
   */
  public PlanCheck(
      OpenStack cloud, String projectId, Repository repository, Origin origin, boolean asItWas) {
    this.cloud = cloud;
    this.projectId = projectId;
    this.repository = repository;
    this.origin = origin;
    this.asItWas = asItWas;
  }

  /**
   * Checks.
   *
   * @throws dev.kedge.base.KedgeException where the cloud or the target does not answer
   */
  public PlanReport check(RestorePlan plan, RestoreScope scope) {
    PlanReport report = new PlanReport();
    new NetworkCheck(cloud, projectId, origin, plan, report).check(scope);
    if (!scope.withInstances()) {
      return report;
    }
    Demand demand = new Demand();
    for (InstancePlan instance : plan.instances()) {
      Origin.Instance original = origin.instance(instance.point());
      goneOrNot(original, report);
      new InstanceCheck(cloud, original, instance, report).check(demand);
      new DiskCheck(cloud, repository, original, instance, report).check(demand);
      new PortCheck(cloud, origin, plan, report).check(original, instance);
    }
    demand.check(cloud, report);
    return report;
  }

  private void goneOrNot(Origin.Instance original, PlanReport report) {
    String id = original.point().instance().id().toString();
    if (asItWas && cloud.nova().servers().find(id).isPresent()) {
      report.problem(
          label(original.point().instance().name(), id),
          "exists: take its disks back with --in-place, or restore a copy with a plan ('kedge"
              + " instance plan')");
    }
  }

  static String label(String name, @Nullable String id) {
    return "server " + name + (id == null ? "" : " (" + id + ")");
  }
}
