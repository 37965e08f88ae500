package dev.kedge.ceph;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.kedge.base.KedgeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * An open image, or one of its snapshots. Thread-safe. Opened read-only, it sets no watch, and what
 * it tells of size, snapshots and parent is as of its opening.
 *
 * <p>Closing waits for calls and input/output in progress, without a bound: librbd cannot take back
 * a request that an OSD has not answered.
 */
public final class RbdImage implements AutoCloseable {
  /** librbd's option by which it copies what it writes asynchronously, in the call itself. */
  static final String COPY_WRITES = "rbd_disable_zero_copy_writes";

  private final RbdPool pool;
  private final String name;
  private final @Nullable String snapshotName;
  private final NativeHandle handle;
  private final Set<AioCompletion> outstanding = ConcurrentHashMap.newKeySet();

  RbdImage(RbdPool pool, MemorySegment pointer, @Nullable String name, @Nullable String snapshot) {
    this.pool = pool;
    this.name = name == null ? ImageAttributes.name(pointer) : name;
    this.snapshotName = snapshot;
    this.handle = new NativeHandle("image " + spec(), pointer);
  }

  // ---- identity

  /** The name under which it was opened; for an opening by id, its name at that moment. */
  public String name() {
    return name;
  }

  /** The pool of its header. */
  public String poolName() {
    return pool.name();
  }

  /** The namespace; empty for the default one. */
  public String namespace() {
    return pool.namespace();
  }

  /** The open snapshot, or null for the image itself. */
  public @Nullable String snapshotName() {
    return snapshotName;
  }

  /** {@code pool[/namespace]/image[@snapshot]}, for messages. */
  public String spec() {
    return pool.spec(name, snapshotName);
  }

  // ---- attributes

  /** The size of the image or of the open snapshot. */
  public long sizeBytes() {
    return attribute(LibRbd.GET_SIZE);
  }

  /** Bits of {@link RbdFeatures}. */
  public long features() {
    return attribute(LibRbd.GET_FEATURES);
  }

  /** Bits of {@link RbdFlags}. */
  public long flags() {
    return attribute(LibRbd.GET_FLAGS);
  }

  /** The stripe unit; the object size where there is no fancy striping. */
  public long stripeUnitBytes() {
    return attribute(LibRbd.GET_STRIPE_UNIT);
  }

  /** Over how many objects a stripe runs; 1 without fancy striping. */
  public long stripeCount() {
    return attribute(LibRbd.GET_STRIPE_COUNT);
  }

  /** log2 of the object size in bytes. */
  public int order() {
    return ImageAttributes.order(this);
  }

  /** The size of a data object. */
  public long objectSizeBytes() {
    return 1L << order();
  }

  /** RBD's own identity of the image; survives a rename, and is never given twice. */
  public String id() {
    return ImageAttributes.id(this);
  }

  /** The pool of the data objects where it differs from {@link #poolName()}, else null. */
  public @Nullable String dataPoolName() {
    long id = call(LibRbd.GET_DATA_POOL_ID, LibRbd.GET_DATA_POOL_ID::call);
    return id == pool.id() ? null : pool.cluster().poolName(id);
  }

  /** The snapshot that this image is a clone of. */
  public Optional<ParentImage> parent() {
    return ImageAttributes.parent(this);
  }

  /** The value of a metadata key. */
  public Optional<String> metadata(String key) {
    return ImageMetadata.get(this, key);
  }

  /** All metadata. */
  public Map<String, String> metadata() {
    return ImageMetadata.all(this);
  }

  /** Sets a metadata key. */
  public void setMetadata(String key, String value) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = CStrings.of(arena, value);
      named(LibRbd.METADATA_SET, "metadata " + key + " of ", key, text);
    }
  }

  /** Removes a metadata key. */
  public void removeMetadata(String key) {
    named(LibRbd.METADATA_REMOVE, "metadata " + key + " of ", key);
  }

  // ---- other clients

  /** The clients that have it open for writing. */
  public List<Watcher> watchers() {
    return ImageClients.watchers(this);
  }

  /**
   * The watchers that are listed and would be told of no change: clients that died when they had
   * just opened the image. They stay listed until Ceph reads the header anew (see {@link
   * Notification}). A client whose connection broke a moment ago looks the same until it is back,
   * so ask when one stays for longer than Ceph's 30 s. Tells all clients to look at the header
   * again, and waits up to 5 s for those that do not answer.
   */
  public List<Watcher> forgottenWatchers() {
    List<Watcher> listed = watchers();
    Notification told = Notification.send(pool, this);
    List<Watcher> stillListed = watchers();
    return listed.stream()
        .filter(watcher -> !told.reached(watcher) && stillListed.contains(watcher))
        .toList();
  }

  /**
   * The addresses of the exclusive lock's owners; empty without a lock. An image opened read-only
   * does not know them, and fails; {@link #watchers()} is what it can tell.
   */
  public List<String> lockOwners() {
    return ImageClients.lockOwners(this);
  }

  /** Whether this handle owns the exclusive lock. */
  public boolean ownsExclusiveLock() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      call(
          LibRbd.IS_EXCLUSIVE_LOCK_OWNER, image -> LibRbd.IS_EXCLUSIVE_LOCK_OWNER.call(image, out));
      return out.get(JAVA_INT, 0) != 0;
    }
  }

  /** Takes the exclusive lock, and keeps it from other clients. */
  public void acquireExclusiveLock() {
    call(LibRbd.LOCK_ACQUIRE, image -> LibRbd.LOCK_ACQUIRE.call(image, 0L));
  }

  /** Gives the exclusive lock up. */
  public void releaseExclusiveLock() {
    call(LibRbd.LOCK_RELEASE, LibRbd.LOCK_RELEASE::call);
  }

  // ---- snapshots

  /** The snapshots that users made, oldest first. */
  public List<Snapshot> snapshots() {
    return SnapshotListing.ofUsers(this);
  }

  /** Every snapshot, also those of groups, of the trash and of mirrors; oldest first. */
  public List<Snapshot> allSnapshots() {
    return SnapshotListing.ofAll(this);
  }

  /** Takes a snapshot. */
  public void createSnapshot(String snapshot) {
    snapshotCall(LibRbd.SNAP_CREATE, snapshot);
  }

  /** Removes a snapshot; BUSY while it is protected. */
  public void removeSnapshot(String snapshot) {
    snapshotCall(LibRbd.SNAP_REMOVE, snapshot);
  }

  /** Forbids the removal of a snapshot, which clones then may need. */
  public void protectSnapshot(String snapshot) {
    snapshotCall(LibRbd.SNAP_PROTECT, snapshot);
  }

  /** Whether a snapshot is protected. */
  public boolean isProtected(String snapshot) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      named(LibRbd.SNAP_IS_PROTECTED, "snapshot " + snapshot + " of ", snapshot, out);
      return out.get(JAVA_INT, 0) != 0;
    }
  }

  /** Makes the image what it was at a snapshot; copies all data. */
  public void rollback(String snapshot) {
    snapshotCall(LibRbd.SNAP_ROLLBACK, snapshot);
  }

  /**
   * Visits the extents that differ between two moments, on the calling thread, in ascending order.
   * The range is cut at the image's end.
   *
   * @param fromSnapshot the earlier moment; null: the beginning, so that all data is visited
   * @param includeParent without a fromSnapshot: the data that a clone has from its parent, too
   * @param wholeObject whole objects, from the object map where that is valid: fast and coarse
   */
  public void diff(
      @Nullable String fromSnapshot,
      long offset,
      long lengthBytes,
      boolean includeParent,
      boolean wholeObject,
      ExtentVisitor visitor) {
    long length = Math.min(lengthBytes, sizeBytes() - offset);
    // librbd of some releases crashes on an empty range.
    if (length > 0) {
      new DiffIteration(this, visitor)
          .run(fromSnapshot, offset, length, includeParent, wholeObject);
    }
  }

  // ---- data

  /**
   * Starts a read into native memory, which must stay alive until the completion is awaited. Past
   * the image's end, fewer bytes are read.
   */
  public AioCompletion readAsync(long offset, MemorySegment destination) {
    if (destination.isReadOnly()) {
      throw new IllegalArgumentException("the buffer is read-only");
    }
    return AioCompletion.start(
        this,
        LibRbd.AIO_READ,
        offset,
        destination.byteSize(),
        destination,
        (image, c) -> LibRbd.AIO_READ.call(image, offset, destination.byteSize(), destination, c));
  }

  /**
   * Whether {@link #writeAsync} has copied its source when it returns, so that the memory is free
   * at once (create_write_raw in librbd/librbd.cc). A pool or an image may carry the option that
   * makes it otherwise. Asks Ceph; false where that fails.
   */
  public boolean copiesWrites() {
    try {
      return ImageConfig.get(this, COPY_WRITES).equals(Optional.of("true"));
    } catch (KedgeException e) {
      return false;
    }
  }

  /**
   * Starts a write from native memory, which must stay alive until the completion is awaited, and
   * as it is where not {@link #copiesWrites()}.
   */
  public AioCompletion writeAsync(long offset, MemorySegment source) {
    requireInside(offset, source.byteSize());
    return AioCompletion.start(
        this,
        LibRbd.AIO_WRITE,
        offset,
        source.byteSize(),
        source,
        (image, c) -> LibRbd.AIO_WRITE.call(image, offset, source.byteSize(), source, c));
  }

  /**
   * Starts a discard. It is a hint: librbd leaves the parts that do not fill 64 KiB as they are
   * (rbd_discard_granularity_bytes). Use {@link #writeZeroesAsync} where zeroes must be read.
   */
  public AioCompletion discardAsync(long offset, long lengthBytes) {
    requireInside(offset, lengthBytes);
    return AioCompletion.start(
        this,
        LibRbd.AIO_DISCARD,
        offset,
        lengthBytes,
        null,
        (image, c) -> LibRbd.AIO_DISCARD.call(image, offset, lengthBytes, c));
  }

  /** Starts to make a range read as zeroes, freeing its space where possible. */
  public AioCompletion writeZeroesAsync(long offset, long lengthBytes) {
    requireInside(offset, lengthBytes);
    return AioCompletion.start(
        this,
        LibRbd.AIO_WRITE_ZEROES,
        offset,
        lengthBytes,
        null,
        (image, c) -> LibRbd.AIO_WRITE_ZEROES.call(image, offset, lengthBytes, c, 0L, 0L));
  }

  /** Starts a flush of the writes that have completed. */
  public AioCompletion flushAsync() {
    return AioCompletion.start(this, LibRbd.AIO_FLUSH, 0, 0, null, LibRbd.AIO_FLUSH::call);
  }

  /** Reads, and waits; returns the number of bytes, fewer than asked for at the image's end. */
  public long read(long offset, MemorySegment destination) {
    return readAsync(offset, destination).await();
  }

  /** Writes, and waits. */
  public void write(long offset, MemorySegment source) {
    writeAsync(offset, source).await();
  }

  /** Flushes, and waits. */
  public void flush() {
    call(LibRbd.FLUSH, LibRbd.FLUSH::call);
  }

  /** Grows or shrinks the image; what a shrink cuts off is lost. */
  public void resize(long newSizeBytes) {
    call(LibRbd.RESIZE, image -> LibRbd.RESIZE.call(image, newSizeBytes));
  }

  /** Copies all of the parent's data into this clone, and ends the relation. */
  public void flatten() {
    call(LibRbd.FLATTEN, LibRbd.FLATTEN::call);
  }

  /** librbd would cut a write at the image's end, and report success. */
  private void requireInside(long offset, long lengthBytes) {
    long size = sizeBytes();
    if (offset < 0 || lengthBytes < 0 || offset > size - lengthBytes) {
      throw new IllegalArgumentException(
          "range " + offset + "+" + lengthBytes + " exceeds " + spec() + " of " + size + " bytes");
    }
  }

  // ---- closing

  /**
   * Waits for what is in progress, and closes. Completions that are not awaited yet keep their
   * result. Closing twice does nothing.
   */
  @Override
  public void close() {
    handle.close(image -> {
      outstanding.forEach(AioCompletion::settle);
      pool.closed(this);
      CephErrors.check(LibRbd.CLOSE, LibRbd.CLOSE.call(image), "image " + spec());
    });
  }

  // ---- for the helpers of this package

  NativeHandle handle() {
    return handle;
  }

  Set<AioCompletion> outstanding() {
    return outstanding;
  }

  /** Calls, and turns a negative return value into an exception about this image. */
  long call(NativeFunction function, ToLongFunction<MemorySegment> call) {
    return CephErrors.check(function, handle.use(call), "image " + spec());
  }

  private long attribute(NativeFunction getter) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      call(getter, image -> getter.call(image, out));
      return out.get(JAVA_LONG, 0);
    }
  }

  private void snapshotCall(NativeFunction function, String snapshot) {
    named(function, "snapshot " + snapshot + " of ", snapshot);
  }

  private void named(NativeFunction function, String object, String argument) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = CStrings.of(arena, argument);
      long result = handle.use(image -> function.call(image, text));
      CephErrors.check(function, result, object + "image " + spec());
    }
  }

  private void named(
      NativeFunction function, String object, String argument, MemorySegment second) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = CStrings.of(arena, argument);
      long result = handle.use(image -> function.call(image, text, second));
      CephErrors.check(function, result, object + "image " + spec());
    }
  }
}
