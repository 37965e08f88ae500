package dev.kedge.ceph;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Key and value pairs in an image's header. */
final class ImageMetadata {
  private static final long FIRST_BYTES = 4096;

  private ImageMetadata() {}

  static Optional<String> get(RbdImage image, String key) {
    long capacity = FIRST_BYTES;
    while (true) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment nativeKey = CStrings.of(arena, key);
        MemorySegment value = arena.allocate(capacity);
        MemorySegment size = arena.allocateFrom(JAVA_LONG, capacity);
        long result = image.handle().use(p -> LibRbd.METADATA_GET.call(p, nativeKey, value, size));
        if (result == Errno.ENOENT.asReturnValue()) {
          return Optional.empty();
        }
        if (result != Errno.ERANGE.asReturnValue()) {
          CephErrors.check(
              LibRbd.METADATA_GET, result, "metadata " + key + " of image " + image.spec());
          return Optional.of(value.getString(0));
        }
        capacity = Math.max(size.get(JAVA_LONG, 0), 2 * capacity);
      }
    }
  }

  static Map<String, String> all(RbdImage image) {
    long capacity = FIRST_BYTES;
    while (true) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment start = CStrings.of(arena, "");
        MemorySegment keys = arena.allocate(capacity);
        MemorySegment values = arena.allocate(capacity);
        MemorySegment keyBytes = arena.allocateFrom(JAVA_LONG, capacity);
        MemorySegment valueBytes = arena.allocateFrom(JAVA_LONG, capacity);
        long result =
            image
                .handle()
                .use(p ->
                    LibRbd.METADATA_LIST.call(p, start, 0L, keys, keyBytes, values, valueBytes));
        if (result != Errno.ERANGE.asReturnValue()) {
          CephErrors.check(LibRbd.METADATA_LIST, result, "metadata of image " + image.spec());
          return paired(
              keys.asSlice(0, keyBytes.get(JAVA_LONG, 0)),
              values.asSlice(0, valueBytes.get(JAVA_LONG, 0)));
        }
        long needed = Math.max(keyBytes.get(JAVA_LONG, 0), valueBytes.get(JAVA_LONG, 0));
        capacity = Math.max(needed, 2 * capacity);
      }
    }
  }

  private static Map<String, String> paired(MemorySegment keys, MemorySegment values) {
    List<String> names = CStrings.list(keys);
    Map<String, String> pairs = new LinkedHashMap<>();
    long at = 0;
    for (String name : names) {
      // A value may be empty, which ends a CStrings.list.
      MemorySegment rest = values.asSlice(at);
      String value = rest.getString(0);
      pairs.put(name, value);
      at += value.getBytes(StandardCharsets.UTF_8).length + 1L;
    }
    return Map.copyOf(pairs);
  }
}
