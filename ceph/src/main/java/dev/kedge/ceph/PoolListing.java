package dev.kedge.ceph;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Lists of a pool. librbd answers ERANGE with the needed size where a list has outgrown it. */
final class PoolListing {
  private static final long IMAGE_SPEC_BYTES = 16;
  private static final long FIRST_IMAGES = 64;
  private static final long FIRST_NAMESPACE_BYTES = 1024;

  private PoolListing() {}

  static List<ImageId> images(NativeHandle pool, String object) {
    long capacity = FIRST_IMAGES;
    while (true) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment specs = arena.allocate(capacity * IMAGE_SPEC_BYTES, 8);
        MemorySegment count = arena.allocateFrom(JAVA_LONG, capacity);
        long result = pool.use(ioctx -> LibRbd.LIST2.call(ioctx, specs, count));
        if (result != Errno.ERANGE.asReturnValue()) {
          CephErrors.check(LibRbd.LIST2, result, object);
          return taken(specs, count.get(JAVA_LONG, 0));
        }
        capacity = Math.max(count.get(JAVA_LONG, 0), 2 * capacity);
      }
    }
  }

  private static List<ImageId> taken(MemorySegment specs, long count) {
    List<ImageId> images = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      MemorySegment id = specs.get(ADDRESS, i * IMAGE_SPEC_BYTES);
      MemorySegment name = specs.get(ADDRESS, i * IMAGE_SPEC_BYTES + 8);
      images.add(new ImageId(CStrings.at(id), CStrings.at(name)));
    }
    LibRbd.IMAGE_SPEC_LIST_CLEANUP.call(specs, count);
    images.sort(Comparator.comparing(ImageId::name));
    return List.copyOf(images);
  }

  static List<String> namespaces(NativeHandle pool, String object) {
    long capacity = FIRST_NAMESPACE_BYTES;
    while (true) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment buffer = arena.allocate(capacity);
        MemorySegment size = arena.allocateFrom(JAVA_LONG, capacity);
        long result = pool.use(ioctx -> LibRbd.NAMESPACE_LIST.call(ioctx, buffer, size));
        if (result != Errno.ERANGE.asReturnValue()) {
          CephErrors.check(LibRbd.NAMESPACE_LIST, result, object);
          return CStrings.list(buffer.asSlice(0, size.get(JAVA_LONG, 0)));
        }
        capacity = Math.max(size.get(JAVA_LONG, 0), 2 * capacity);
      }
    }
  }
}
