package dev.kedge.openstack.restore.plan;

/** How much of a plan is done. */
public enum RestoreScope {
  /** All of it. */
  INSTANCES,
  /** Networks, subnets, routers and security groups only. */
  NETWORKS,
  /** Security groups only; those that exist get the rules that they lack. */
  SECURITY_GROUPS;

  /** Whether instances are made. */
  public boolean withInstances() {
    return this == INSTANCES;
  }

  /** Whether networks are made. */
  public boolean withNetworks() {
    return this != SECURITY_GROUPS;
  }
}
