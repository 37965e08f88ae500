package dev.kedge.openstack.restore.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of one port.
 *
 * @param port made, a free one that is there, or left out
 * @param network the original's network id, which {@link RestorePlan#networks} maps, or another's
 *     id or name
 * @param macAddress null: Neutron chooses
 * @param addresses fixed addresses; empty: Neutron chooses
 * @param securityGroups the originals' ids, which {@link RestorePlan#securityGroups} maps, or
 *     others' ids or names
 */
public record PortPlan(
    Choice port,
    String network,
    @Nullable String macAddress,
    List<String> addresses,
    List<String> securityGroups) {
  /** Copies the lists. */
  public PortPlan {
    addresses = List.copyOf(addresses);
    securityGroups = List.copyOf(securityGroups);
  }
}
