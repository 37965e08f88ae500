package dev.kedge.ceph;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.ToLongBiFunction;
import org.jspecify.annotations.Nullable;

/** A pool, seen through one RBD namespace. Thread-safe. */
public final class RbdPool implements AutoCloseable {
  private final CephCluster cluster;
  private final String name;
  private final String namespace;
  private final long id;
  private final NativeHandle handle;
  private final Children images = new Children();

  private RbdPool(CephCluster cluster, String name, String namespace, MemorySegment pointer) {
    this.cluster = cluster;
    this.name = name;
    this.namespace = namespace;
    this.handle = new NativeHandle("pool " + path(), pointer);
    this.id = LibRados.IOCTX_GET_ID.call(pointer);
  }

  static RbdPool open(CephCluster cluster, MemorySegment rados, String name, String namespace) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      MemorySegment nativeNamespace = CStrings.of(arena, namespace);
      long result = LibRados.IOCTX_CREATE.call(rados, CStrings.of(arena, name), out);
      CephErrors.check(LibRados.IOCTX_CREATE, result, "pool " + name);
      MemorySegment pointer = CephCluster.pointerAt(out);
      // Without this a write to a full pool waits until somebody makes room; with it, it fails.
      if (LibRados.SET_POOL_FULL_TRY.exists()) {
        LibRados.SET_POOL_FULL_TRY.call(pointer);
      }
      LibRados.IOCTX_SET_NAMESPACE.call(pointer, nativeNamespace);
      try {
        cluster.requireAnswer(pointer, name);
        RbdPool pool = new RbdPool(cluster, name, namespace, pointer);
        pool.requireNamespace(pointer, arena);
        return pool;
      } catch (RuntimeException | Error e) {
        LibRados.IOCTX_DESTROY.call(pointer);
        throw e;
      }
    }
  }

  /** RADOS takes any namespace; RBD would only report each image as missing. */
  private void requireNamespace(MemorySegment pointer, Arena arena) {
    if (namespace.isEmpty()) {
      return;
    }
    MemorySegment exists = arena.allocate(JAVA_BOOLEAN);
    long result = LibRbd.NAMESPACE_EXISTS.call(pointer, CStrings.of(arena, namespace), exists);
    // A user whose caps end at the namespace may not ask: its images will tell.
    if (result == 0 && !exists.get(JAVA_BOOLEAN, 0)) {
      throw new KedgeException(
          ErrorCode.NOT_FOUND, "namespace " + namespace + " of pool " + name + " does not exist");
    }
  }

  /** The pool's name. */
  public String name() {
    return name;
  }

  /** The RBD namespace; empty for the default one. */
  public String namespace() {
    return namespace;
  }

  /** The pool's number, which survives a rename. */
  public long id() {
    return id;
  }

  /** The images of this namespace, by name. */
  public List<ImageId> images() {
    return PoolListing.images(handle, "the list of images in " + path());
  }

  /** Opens an image for reading, writing and snapshots; sets a watch. */
  public RbdImage open(String image) {
    return open(LibRbd.OPEN, image, null, false);
  }

  /** Opens an image or one of its snapshots for reading; sets no watch. */
  public RbdImage openReadOnly(String image, @Nullable String snapshot) {
    return open(LibRbd.OPEN_READ_ONLY, image, snapshot, false);
  }

  /** Opens by RBD id, whatever the name is now. */
  public RbdImage openById(String imageId, @Nullable String snapshot, boolean readOnly) {
    return open(
        readOnly ? LibRbd.OPEN_BY_ID_READ_ONLY : LibRbd.OPEN_BY_ID, imageId, snapshot, true);
  }

  private RbdImage open(
      NativeFunction function, String image, @Nullable String snapshot, boolean byId) {
    String spec = spec(image, snapshot);
    RbdImage[] opened = new RbdImage[1];
    long result =
        handle.use(ioctx -> {
          try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ADDRESS);
            long r =
                function.call(ioctx, CStrings.of(arena, image), out, CStrings.of(arena, snapshot));
            if (r == 0) {
              opened[0] =
                  images.add(
                      new RbdImage(
                          this, CephCluster.pointerAt(out), byId ? null : image, snapshot));
            }
            return r;
          }
        });
    if (result == Errno.ENOENT.asReturnValue() && snapshot != null) {
      // One errno for a missing image and a missing snapshot: look which.
      open(byId ? LibRbd.OPEN_BY_ID_READ_ONLY : LibRbd.OPEN_READ_ONLY, image, null, byId).close();
      throw CephErrors.failure(function, result, "snapshot " + spec);
    }
    CephErrors.check(function, result, (byId ? "image with id " : "image ") + spec);
    return opened[0];
  }

  /** Creates an empty image. */
  public void create(String image, ImageSpec spec) {
    try (ImageOptions options = ImageOptions.of(spec)) {
      named(
          LibRbd.CREATE4,
          image,
          (ioctx, nativeName) ->
              LibRbd.CREATE4.call(ioctx, nativeName, spec.sizeBytes(), options.pointer()));
    }
  }

  /**
   * Makes a clone, with the parent's object size and the cluster's default features. The snapshot
   * must be protected unless the cluster requires clients of Mimic or later.
   */
  public void cloneImage(String parent, String snapshot, RbdPool childPool, String child) {
    try (Arena arena = Arena.ofConfined();
        ImageOptions options = ImageOptions.of(ImageSpec.ofSize(0))) {
      MemorySegment parentName = CStrings.of(arena, parent);
      MemorySegment snapshotName = CStrings.of(arena, snapshot);
      MemorySegment childName = CStrings.of(arena, child);
      long result =
          handle.use(from ->
              childPool.handle.use(to ->
                  LibRbd.CLONE3.call(
                      from, parentName, snapshotName, to, childName, options.pointer())));
      CephErrors.check(
          LibRbd.CLONE3,
          result,
          "clone " + childPool.spec(child, null) + " of " + spec(parent, snapshot));
    }
  }

  /** Removes an image; BUSY while a client has it open. */
  public void remove(String image) {
    named(LibRbd.REMOVE, image, LibRbd.REMOVE::call);
  }

  /** Renames an image. */
  public void rename(String from, String to) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment target = CStrings.of(arena, to);
      named(LibRbd.RENAME, from, (ioctx, source) -> LibRbd.RENAME.call(ioctx, source, target));
    }
  }

  /** Whether there is an image of this name. */
  public boolean exists(String image) {
    try (RbdImage opened = openReadOnly(image, null)) {
      return opened.snapshotName() == null;
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  /** The namespaces of the pool, without the default one. */
  public List<String> namespaces() {
    return PoolListing.namespaces(handle, "the list of namespaces in pool " + name);
  }

  /** Adds a namespace to the pool. */
  public void createNamespace(String newNamespace) {
    namespaceCall(LibRbd.NAMESPACE_CREATE, newNamespace);
  }

  /** Removes an empty namespace from the pool. */
  public void removeNamespace(String oldNamespace) {
    namespaceCall(LibRbd.NAMESPACE_REMOVE, oldNamespace);
  }

  private void namespaceCall(NativeFunction function, String which) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = CStrings.of(arena, which);
      long result = handle.use(ioctx -> function.call(ioctx, text));
      CephErrors.check(function, result, "namespace " + which + " of pool " + name);
    }
  }

  private void named(
      NativeFunction function, String image, ToLongBiFunction<MemorySegment, MemorySegment> call) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = CStrings.of(arena, image);
      long result = handle.use(ioctx -> call.applyAsLong(ioctx, text));
      CephErrors.check(function, result, "image " + spec(image, null));
    }
  }

  NativeHandle handle() {
    return handle;
  }

  CephCluster cluster() {
    return cluster;
  }

  /** pool[/namespace]/image[@snapshot] */
  String spec(String image, @Nullable String snapshot) {
    return path() + "/" + image + (snapshot == null ? "" : "@" + snapshot);
  }

  private String path() {
    return namespace.isEmpty() ? name : name + "/" + namespace;
  }

  void closed(RbdImage image) {
    images.remove(image);
  }

  /** Closes all of its open images, then itself. Closing twice does nothing. */
  @Override
  public void close() {
    handle.close(ioctx -> {
      KedgeException failure = images.closeAll();
      LibRados.IOCTX_DESTROY.call(ioctx);
      if (failure != null) {
        throw failure;
      }
    });
    cluster.closed(this);
  }
}
