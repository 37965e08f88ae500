package dev.kedge.openstack.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cloud.AuthScope;
import dev.kedge.openstack.cloud.DomainMember;
import dev.kedge.openstack.cloud.Reference;

/** Into which project a cloud's credentials lead. */
public final class ProjectScope {
  private ProjectScope() {}

  /**
   * The project's id.
   *
   * @throws KedgeException USAGE where the credentials are for none
   */
  public static String idOf(OpenStack cloud) {
    String project = cloud.token().projectId();
    if (project == null) {
      throw new KedgeException(
          ErrorCode.USAGE, "these credentials are for no project: name one in clouds.yaml");
    }
    return project;
  }

  /**
   * The same user in another project; itself where it is that project already. Close what this
   * returns, too.
   *
   * @throws KedgeException REFUSED where the user has no role in it
   */
  public static OpenStack into(OpenStack cloud, String projectId) {
    if (projectId.equals(cloud.token().projectId())) {
      return cloud;
    }
    OpenStack other =
        cloud.scopedTo(
            new AuthScope.Project(
                new DomainMember(Reference.id(projectId), Reference.id("default"))));
    try {
      if (projectId.equals(other.token().projectId())) {
        return other;
      }
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.AUTHENTICATION_FAILED && e.code() != ErrorCode.PERMISSION_DENIED) {
        other.close();
        throw e;
      }
    }
    other.close();
    throw new KedgeException(
        ErrorCode.REFUSED,
        "the instance belongs to project %s, in which this user has no role: use that project's credentials, or restore into another project with a plan"
            .formatted(projectId));
  }
}
