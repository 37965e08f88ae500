package dev.kedge.ceph;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * The options that librbd goes by for one image: those of the client, unless the pool or the image
 * itself carries others.
 */
final class ImageConfig {
  // Pacific has 60 of them.
  private static final int FIRST_COUNT = 128;
  // rbd_config_option_t: name, value, source
  private static final long OPTION_BYTES = 24;

  private ImageConfig() {}

  /** The value in force; empty where librbd has no such option. */
  static Optional<String> get(RbdImage image, String option) {
    int capacity = FIRST_COUNT;
    while (true) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment options = arena.allocate(capacity * OPTION_BYTES, 8);
        MemorySegment count = arena.allocateFrom(JAVA_INT, capacity);
        long result = image.handle().use(p -> LibRbd.CONFIG_IMAGE_LIST.call(p, options, count));
        if (result != Errno.ERANGE.asReturnValue()) {
          CephErrors.check(LibRbd.CONFIG_IMAGE_LIST, result, "options of image " + image.spec());
          return taken(options, count.get(JAVA_INT, 0), option);
        }
        capacity = Math.max(count.get(JAVA_INT, 0), 2 * capacity);
      }
    }
  }

  private static Optional<String> taken(MemorySegment options, int count, String wanted) {
    Optional<String> value = Optional.empty();
    for (long at = 0; at < count * OPTION_BYTES; at += OPTION_BYTES) {
      if (CStrings.at(options.get(ADDRESS, at)).equals(wanted)) {
        value = Optional.of(CStrings.at(options.get(ADDRESS, at + ADDRESS.byteSize())));
      }
    }
    LibRbd.CONFIG_IMAGE_LIST_CLEANUP.call(options, (long) count);
    return value;
  }
}
