package dev.kedge.ceph;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** librbd's options for a new image. Confined to one thread. */
final class ImageOptions implements AutoCloseable {
  // Numbers of the RBD_IMAGE_OPTION_ enum in rbd/librbd.h.
  private static final int FEATURES = 1;
  private static final int ORDER = 2;
  private static final int STRIPE_UNIT = 3;
  private static final int STRIPE_COUNT = 4;
  private static final int DATA_POOL = 10;

  private final MemorySegment pointer;

  private ImageOptions(MemorySegment pointer) {
    this.pointer = pointer;
  }

  static ImageOptions of(ImageSpec spec) {
    ImageOptions options = new ImageOptions(create());
    options.set(FEATURES, spec.features());
    options.set(ORDER, spec.order());
    options.set(STRIPE_UNIT, spec.stripeUnitBytes());
    options.set(STRIPE_COUNT, spec.stripeCount());
    String dataPool = spec.dataPool();
    if (dataPool != null) {
      options.set(DATA_POOL, dataPool);
    }
    return options;
  }

  MemorySegment pointer() {
    return pointer;
  }

  private static MemorySegment create() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      LibRbd.OPTIONS_CREATE.call(out);
      return CephCluster.pointerAt(out);
    }
  }

  private void set(int option, long value) {
    if (value != 0) {
      long result = LibRbd.OPTIONS_SET_UINT64.call(pointer, option, value);
      CephErrors.check(LibRbd.OPTIONS_SET_UINT64, result, "image option " + option);
    }
  }

  private void set(int option, String value) {
    try (Arena arena = Arena.ofConfined()) {
      long result = LibRbd.OPTIONS_SET_STRING.call(pointer, option, CStrings.of(arena, value));
      CephErrors.check(LibRbd.OPTIONS_SET_STRING, result, "image option " + option);
    }
  }

  @Override
  public void close() {
    LibRbd.OPTIONS_DESTROY.call(pointer);
  }
}
