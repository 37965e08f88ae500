package dev.kedge.ceph;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The snapshots of an image. */
final class SnapshotListing {
  private static final int FIRST_COUNT = 4;
  // rbd_snap_info_t: id, size, name; the list ends with a NULL name
  private static final long SNAP_INFO_BYTES = 24;
  private static final int USER_NAMESPACE = 0;

  private final RbdImage image;
  private final Arena arena;
  private final boolean all;

  private SnapshotListing(RbdImage image, Arena arena, boolean all) {
    this.image = image;
    this.arena = arena;
    this.all = all;
  }

  static List<Snapshot> ofUsers(RbdImage image) {
    try (Arena arena = Arena.ofConfined()) {
      return new SnapshotListing(image, arena, false).list();
    }
  }

  static List<Snapshot> ofAll(RbdImage image) {
    try (Arena arena = Arena.ofConfined()) {
      return new SnapshotListing(image, arena, true).list();
    }
  }

  private List<Snapshot> list() {
    int capacity = FIRST_COUNT;
    while (true) {
      MemorySegment entries = arena.allocate(capacity * SNAP_INFO_BYTES, 8);
      MemorySegment max = arena.allocateFrom(JAVA_INT, capacity);
      long result = image.handle().use(p -> LibRbd.SNAP_LIST.call(p, entries, max));
      if (result != Errno.ERANGE.asReturnValue()) {
        CephErrors.check(LibRbd.SNAP_LIST, result, "snapshots of image " + image.spec());
        return taken(entries, result);
      }
      capacity = Math.max(max.get(JAVA_INT, 0), capacity) + FIRST_COUNT;
    }
  }

  private List<Snapshot> taken(MemorySegment entries, long count) {
    List<Snapshot> snapshots = new ArrayList<>();
    try {
      for (long at = 0; at < count * SNAP_INFO_BYTES; at += SNAP_INFO_BYTES) {
        long id = entries.get(JAVA_LONG, at);
        long sizeBytes = entries.get(JAVA_LONG, at + 8);
        String name = CStrings.at(entries.get(ADDRESS, at + 16));
        time(id).ifPresent(time -> snapshots.add(new Snapshot(id, name, sizeBytes, time)));
      }
    } finally {
      LibRbd.SNAP_LIST_END.call(entries);
    }
    snapshots.sort(Comparator.comparingLong(Snapshot::id));
    return List.copyOf(snapshots);
  }

  /** Empty for a snapshot that is not wanted, and for one that went away after the listing. */
  private Optional<Instant> time(long id) {
    MemorySegment type = arena.allocate(JAVA_INT);
    if (!found(
        LibRbd.SNAP_GET_NAMESPACE_TYPE,
        image.handle().use(p -> LibRbd.SNAP_GET_NAMESPACE_TYPE.call(p, id, type)))) {
      return Optional.empty();
    }
    MemorySegment timespec = arena.allocate(JAVA_LONG, 2);
    if ((!all && type.get(JAVA_INT, 0) != USER_NAMESPACE)
        || !found(
            LibRbd.SNAP_GET_TIMESTAMP,
            image.handle().use(p -> LibRbd.SNAP_GET_TIMESTAMP.call(p, id, timespec)))) {
      return Optional.empty();
    }
    return Optional.of(
        Instant.ofEpochSecond(timespec.get(JAVA_LONG, 0), timespec.get(JAVA_LONG, 8)));
  }

  private boolean found(NativeFunction function, long result) {
    if (result == Errno.ENOENT.asReturnValue()) {
      return false;
    }
    CephErrors.check(function, result, "snapshots of image " + image.spec());
    return true;
  }
}
