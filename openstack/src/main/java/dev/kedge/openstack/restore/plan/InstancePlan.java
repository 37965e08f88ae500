package dev.kedge.openstack.restore.plan;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of one instance.
 *
 * @param point its restore point
 * @param image what Nova's root disk is made from before its content is written; left out for an
 *     instance that boots from a volume
 * @param availabilityZone null: Nova chooses
 * @param running whether it runs in the end
 * @param disks by {@link DiskKey}
 * @param ports by the original's id, in the order of the network cards
 */
public record InstancePlan(
    UUID point,
    String name,
    Choice flavor,
    Choice image,
    @Nullable String availabilityZone,
    Choice keyPair,
    Choice serverGroup,
    boolean running,
    Map<String, DiskPlan> disks,
    Map<String, PortPlan> ports) {
  /** Copies the maps, in their order. */
  public InstancePlan {
    disks = Collections.unmodifiableMap(new LinkedHashMap<>(disks));
    ports = Collections.unmodifiableMap(new LinkedHashMap<>(ports));
  }
}
