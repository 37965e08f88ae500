package dev.kedge.openstack.disks;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.CephCluster;
import dev.kedge.ceph.CephOptions;
import dev.kedge.ceph.RbdPool;
import dev.kedge.engine.RbdLocation;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The Ceph clusters of a configuration, each connected when it is first needed. Thread-safe. Close
 * it before the process ends.
 */
public final class CephClusters implements AutoCloseable {
  private final Map<String, CephOptions> options;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, CephCluster> connected = new LinkedHashMap<>();

  /** Clusters by name; nothing is connected yet. */
  public CephClusters(Map<String, CephOptions> options) {
    this.options = Map.copyOf(options);
  }

  /** The names. */
  public Set<String> names() {
    return options.keySet();
  }

  /**
   * A cluster; it is closed with this.
   *
   * @throws KedgeException as {@link CephCluster#connect}
   */
  public CephCluster cluster(String name) {
    lock.lock();
    try {
      CephCluster known = connected.get(name);
      if (known != null) {
        return known;
      }
      CephOptions how = options.get(name);
      if (how == null) {
        throw new IllegalArgumentException("no cluster " + name);
      }
      CephCluster fresh = CephCluster.connect(how);
      connected.put(name, fresh);
      return fresh;
    } finally {
      lock.unlock();
    }
  }

  /** The cluster with this fsid. */
  Optional<String> withFsid(String fsid) {
    return names().stream().sorted().filter(name -> cluster(name).fsid().equals(fsid)).findFirst();
  }

  /** Whether there is such an image; no where there is no such pool or namespace either. */
  public boolean exists(String cluster, RbdLocation image) {
    try (RbdPool pool = cluster(cluster).openPool(image.pool(), image.namespace())) {
      return pool.exists(image.image());
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  /** Disconnects from all. */
  @Override
  public void close() {
    lock.lock();
    try {
      connected.values().forEach(CephCluster::close);
      connected.clear();
    } finally {
      lock.unlock();
    }
  }
}
