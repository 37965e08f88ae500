package dev.kedge.cli;

import dev.kedge.ceph.CephCluster;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A connection that is made when it is first needed, and closed with this. For one thread. */
final class LazyCeph implements Supplier<CephCluster>, AutoCloseable {
  private final CephFlags flags;
  private @Nullable CephCluster cluster;

  LazyCeph(CephFlags flags) {
    this.flags = flags;
  }

  @Override
  public CephCluster get() {
    CephCluster connected = cluster;
    if (connected == null) {
      connected = flags.connect();
      cluster = connected;
    }
    return connected;
  }

  @Override
  public void close() {
    if (cluster != null) {
      cluster.close();
    }
  }
}
