package dev.kedge.openstack.cinder;

import dev.kedge.openstack.client.ApiObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a host reaches a volume: Cinder's own word on where the data lies. A keyring or password that
 * it carries is not kept.
 *
 * @param driver {@code rbd}, {@code iscsi}, ...
 * @param name for RBD {@code pool/image}
 * @param monitors addresses of the Ceph monitors
 * @param user for RBD: as which Ceph user, without {@code client.}
 */
public record ConnectionInfo(
    String driver, @Nullable String name, List<String> monitors, @Nullable String user) {

  /** Null where Cinder does not (yet) say. */
  static @Nullable ConnectionInfo of(@Nullable ApiObject json) {
    String driver = json == null ? null : json.textOrNull("driver_volume_type");
    if (json == null || driver == null) {
      return null;
    }
    // The attachment API has it flat; what a driver returns is nested in "data".
    ApiObject nested = json.objectOrNull("data");
    ApiObject data = nested == null ? json : nested;
    return new ConnectionInfo(
        driver, data.textOrNull("name"), data.texts("hosts"), data.textOrNull("auth_username"));
  }
}
