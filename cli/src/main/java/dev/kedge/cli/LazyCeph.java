package dev.kedge.cli;

import dev.kedge.base.KedgeException;
import dev.kedge.ceph.CephCluster;
import dev.kedge.ceph.CephOptions;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A connection that is made when it is first needed, or beside something else when it surely will
 * be, and closed with this. For one thread.
 */
final class LazyCeph implements Supplier<CephCluster>, AutoCloseable {
  private final CephFlags flags;
  private @Nullable FutureTask<CephCluster> connecting;

  LazyCeph(CephFlags flags) {
    this.flags = flags;
  }

  /**
   * Begins to connect. What fails is said by {@link #get}, and by nobody where that is not called.
   */
  void prefetch() {
    Thread.ofPlatform().daemon().name("kedge-connect").start(task());
  }

  private FutureTask<CephCluster> task() {
    // Here, not on the other thread: the variables are the caller's.
    CephOptions options = flags.options();
    FutureTask<CephCluster> task = new FutureTask<>(() -> CephCluster.connect(options));
    connecting = task;
    return task;
  }

  @Override
  public CephCluster get() {
    FutureTask<CephCluster> task = connecting;
    if (task == null) {
      task = task();
      task.run();
    }
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while connecting to Ceph", e);
    } catch (ExecutionException e) {
      connecting = null;
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void close() {
    if (connecting == null) {
      return;
    }
    CephCluster connected;
    try {
      connected = get();
    } catch (KedgeException e) {
      // It was never connected: whoever needed it has been told.
      return;
    }
    connected.close();
  }
}
