package dev.kedge.ceph;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.kedge.base.KedgeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;

/**
 * A connection to a Ceph cluster. Thread-safe. Close it before the process ends: librados' threads
 * must not outlive its static data.
 */
public final class CephCluster implements AutoCloseable {
  private static final int FSID_BYTES = 37;
  private static final int POOL_NAME_BYTES = 4096;

  private final String fsid;
  private final String entity;
  private final Duration longestFirstAnswer;
  private final NativeHandle handle;
  private final Children pools = new Children();
  private volatile boolean answered;

  private CephCluster(MemorySegment pointer, CephOptions options) {
    this.entity = options.entity();
    this.longestFirstAnswer = ClientSettings.atLeastAMinute(options.connectTimeout());
    this.handle = new NativeHandle("the connection to Ceph", pointer);
    this.fsid = readFsid(pointer);
  }

  /**
   * Connects, and authenticates.
   *
   * @throws KedgeException LIBRARY_MISSING, AUTHENTICATION_FAILED, SOURCE_UNREACHABLE after the
   *     timeout, NOT_FOUND where there is no ceph.conf, USAGE for an option that Ceph does not know
   */
  public static CephCluster connect(CephOptions options) {
    MemorySegment pointer = CephConnector.connect(options);
    try {
      return new CephCluster(pointer, options);
    } catch (RuntimeException | Error e) {
      LibRados.SHUTDOWN.call(pointer);
      throw e;
    }
  }

  /** The cluster's identity: a UUID. */
  public String fsid() {
    return fsid;
  }

  /** The names of all pools, as the monitors know them. */
  public List<String> poolNames() {
    try (Arena arena = Arena.ofConfined()) {
      long capacity = poolNames(MemorySegment.NULL);
      while (true) {
        MemorySegment buffer = arena.allocate(capacity);
        long needed = poolNames(buffer);
        if (needed <= capacity) {
          return CStrings.list(buffer);
        }
        capacity = needed;
      }
    }
  }

  private long poolNames(MemorySegment buffer) {
    long needed = handle.use(p -> LibRados.POOL_LIST.call(p, buffer, buffer.byteSize()));
    return CephErrors.check(LibRados.POOL_LIST, needed, "the list of pools");
  }

  /**
   * Opens a pool.
   *
   * @param namespace the RBD namespace; empty for the default one
   * @throws KedgeException NOT_FOUND where the pool or the namespace does not exist,
   *     SOURCE_UNREACHABLE where no OSD answers this user
   */
  public RbdPool openPool(String pool, String namespace) {
    RbdPool[] opened = new RbdPool[1];
    handle.use(p -> {
      opened[0] = pools.add(RbdPool.open(this, p, pool, namespace));
      return 0;
    });
    return opened[0];
  }

  /** Asks an OSD something where none has answered yet. */
  void requireAnswer(MemorySegment ioctx, String pool) {
    if (!answered) {
      FirstAnswer.await(ioctx, pool, entity, longestFirstAnswer);
      answered = true;
    }
  }

  /** The name of a pool by its number. */
  String poolName(long poolId) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(POOL_NAME_BYTES);
      long result =
          handle.use(p -> LibRados.POOL_REVERSE_LOOKUP.call(p, poolId, buffer, buffer.byteSize()));
      CephErrors.check(LibRados.POOL_REVERSE_LOOKUP, result, "pool number " + poolId);
      return buffer.getString(0);
    }
  }

  void closed(RbdPool pool) {
    pools.remove(pool);
  }

  /** Closes all pools and images, and disconnects. Closing twice does nothing. */
  @Override
  public void close() {
    handle.close(p -> {
      KedgeException failure = pools.closeAll();
      LibRados.SHUTDOWN.call(p);
      if (failure != null) {
        throw failure;
      }
    });
  }

  private static String readFsid(MemorySegment pointer) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(FSID_BYTES);
      long result = LibRados.CLUSTER_FSID.call(pointer, buffer, buffer.byteSize());
      CephErrors.check(LibRados.CLUSTER_FSID, result, "the cluster's fsid");
      return buffer.getString(0);
    }
  }

  static MemorySegment pointerAt(MemorySegment out) {
    return out.get(ADDRESS, 0);
  }
}
