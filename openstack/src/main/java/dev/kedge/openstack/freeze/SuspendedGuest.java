package dev.kedge.openstack.freeze;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.time.Duration;

/** A guest whose processors libvirt stops. */
final class SuspendedGuest implements Guest {
  private static final String BY_USER = "paused (user)";

  private final Virsh virsh;
  private final String domain;

  SuspendedGuest(Virsh virsh, String domain) {
    this.virsh = virsh;
    this.domain = domain;
  }

  @Override
  public void freeze(Duration timeout) {
    virsh.run(timeout, "suspend", domain);
    String state = virsh.state(domain, timeout);
    if (!state.equals(BY_USER)) {
      throw new KedgeException(
          ErrorCode.FAILED, "libvirt says that domain " + domain + " is " + state + ", not paused");
    }
  }

  /** A guest that is paused for a reason of its own, a full disk for example, stays so. */
  @Override
  public void thaw(Duration timeout) {
    if (virsh.state(domain, timeout).equals(BY_USER)) {
      virsh.run(timeout, "resume", domain);
    }
  }
}
