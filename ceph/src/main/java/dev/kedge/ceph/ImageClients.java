package dev.kedge.ceph;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** Who else uses an image. */
final class ImageClients {
  private static final long FIRST_COUNT = 8;
  // rbd_image_watcher_t: addr, id, cookie
  private static final long WATCHER_BYTES = 24;

  private ImageClients() {}

  static List<Watcher> watchers(RbdImage image) {
    long capacity = FIRST_COUNT;
    while (true) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment entries = arena.allocate(capacity * WATCHER_BYTES, 8);
        MemorySegment count = arena.allocateFrom(JAVA_LONG, capacity);
        long result = image.handle().use(p -> LibRbd.WATCHERS_LIST.call(p, entries, count));
        if (result != Errno.ERANGE.asReturnValue()) {
          CephErrors.check(LibRbd.WATCHERS_LIST, result, "watchers of image " + image.spec());
          return takenWatchers(entries, count.get(JAVA_LONG, 0));
        }
        capacity = Math.max(count.get(JAVA_LONG, 0), 2 * capacity);
      }
    }
  }

  private static List<Watcher> takenWatchers(MemorySegment entries, long count) {
    List<Watcher> watchers = new ArrayList<>();
    for (long at = 0; at < count * WATCHER_BYTES; at += WATCHER_BYTES) {
      watchers.add(
          new Watcher(
              CStrings.at(entries.get(ADDRESS, at)),
              entries.get(JAVA_LONG, at + 8),
              entries.get(JAVA_LONG, at + 16)));
    }
    LibRbd.WATCHERS_LIST_CLEANUP.call(entries, count);
    return List.copyOf(watchers);
  }

  static List<String> lockOwners(RbdImage image) {
    if (!RbdFeatures.has(image.features(), RbdFeatures.EXCLUSIVE_LOCK)) {
      return List.of();
    }
    long capacity = FIRST_COUNT;
    while (true) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment mode = arena.allocate(JAVA_INT);
        MemorySegment owners = arena.allocate(capacity * ADDRESS.byteSize(), 8);
        MemorySegment count = arena.allocateFrom(JAVA_LONG, capacity);
        long result = image.handle().use(p -> LibRbd.LOCK_GET_OWNERS.call(p, mode, owners, count));
        if (result == Errno.ENOENT.asReturnValue()) {
          return List.of();
        }
        if (result != Errno.ERANGE.asReturnValue()) {
          CephErrors.check(LibRbd.LOCK_GET_OWNERS, result, "lock of image " + image.spec());
          return takenOwners(owners, count.get(JAVA_LONG, 0));
        }
        capacity = Math.max(count.get(JAVA_LONG, 0), 2 * capacity);
      }
    }
  }

  private static List<String> takenOwners(MemorySegment owners, long count) {
    List<String> texts = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      texts.add(CStrings.at(owners.getAtIndex(ADDRESS, i)));
    }
    LibRbd.LOCK_GET_OWNERS_CLEANUP.call(owners, count);
    return List.copyOf(texts);
  }
}
