package dev.kedge.openstack.freeze;

import dev.kedge.base.KedgeException;
import java.time.Duration;

/** A guest whose agent freezes its file systems. */
final class AgentGuest implements Guest {
  private final Virsh virsh;
  private final String domain;

  AgentGuest(Virsh virsh, String domain) {
    this.virsh = virsh;
    this.domain = domain;
  }

  @Override
  public void freeze(Duration timeout) {
    virsh.run(timeout, "domfsfreeze", domain);
  }

  /** Thawing what is not frozen is no failure to the agent. */
  @Override
  public void thaw(Duration timeout) {
    try {
      virsh.run(timeout, "domfsthaw", domain);
    } catch (KedgeException e) {
      if (virsh.state(domain, timeout).startsWith("shut off")) {
        return;
      }
      throw e;
    }
  }
}
