package dev.kedge.openstack.restore.plan;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A whole restore. The maps are by the originals' ids; what they do not name is left out.
 *
 * @param floatingIps a floating address that is there is led to the new port
 */
public record RestorePlan(
    List<InstancePlan> instances,
    Map<String, Choice> securityGroups,
    Map<String, Choice> networks,
    Map<String, Choice> subnets,
    Map<String, Choice> routers,
    Map<String, Choice> floatingIps) {
  /** Copies, in their order. */
  public RestorePlan {
    instances = List.copyOf(instances);
    securityGroups = ordered(securityGroups);
    networks = ordered(networks);
    subnets = ordered(subnets);
    routers = ordered(routers);
    floatingIps = ordered(floatingIps);
  }

  private static Map<String, Choice> ordered(Map<String, Choice> choices) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(choices));
  }

  /** The choice for an original. */
  public static Choice of(Map<String, Choice> choices, String originalId) {
    return choices.getOrDefault(originalId, Choice.leave());
  }
}
