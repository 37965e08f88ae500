package dev.kedge.openstack.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.OpenStack;

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
}
