package dev.kedge.openstack.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Repository;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;

/** The right to be the one restore of some instances, until this is closed. One thread. */
final class RestoreLeases implements AutoCloseable {
  private final List<Lease> leases = new ArrayList<>();

  private RestoreLeases() {}

  /** Throws BUSY where another process restores one of them. */
  static RestoreLeases acquire(Repository repository, Collection<UUID> instances) {
    RestoreLeases all = new RestoreLeases();
    try {
      for (UUID instance : new TreeSet<>(instances)) {
        all.leases.add(repository.acquireRestoreLease(instance));
      }
      return all;
    } catch (KedgeException e) {
      all.close();
      throw e.code() == ErrorCode.BUSY
          ? new KedgeException(
              e.code(), "another restore of the instance is under way: " + e.getMessage(), e)
          : e;
    }
  }

  /** Throws BUSY where another process may have taken over. */
  void assertHeld() {
    leases.forEach(Lease::assertHeld);
  }

  /** What cannot be released runs out by itself. */
  @Override
  public void close() {
    for (Lease lease : leases) {
      try {
        lease.release();
      } catch (KedgeException e) {
        // The restore's own end says more than this.
      }
    }
  }
}
