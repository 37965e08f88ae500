package dev.kedge.engine.plan;

import dev.kedge.ceph.RbdImage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Doubts a diff on a sample. The object map has been wrong in some releases of Ceph, and a change
 * that it misses would be missing from every later restore point: so ranges that it calls unchanged
 * are asked of the fine diff, and some are read from both snapshots and compared.
 */
public final class CrossCheck {
  private static final double SHARE = 0.001;
  private static final int LEAST = 10;
  private static final int MOST = 256;
  private static final int COMPARED = 16;
  private static final int COMPARED_BYTES = 64 << 10;

  private final RbdImage snapshot;
  private final RandomGenerator random;

  /** A check of what was said of this snapshot. */
  public CrossCheck(RbdImage snapshot, RandomGenerator random) {
    this.snapshot = snapshot;
    this.random = random;
  }

  /** Why the list of changes since {@code parent} cannot be trusted; empty where it can. */
  public Optional<String> doubtsChanges(
      RbdImage parent, String from, ChangeDetector detector, ExtentList changed) {
    long size = Math.min(snapshot.sizeBytes(), parent.sizeBytes());
    long period = detector.periodBytes();
    if (detector.usesFastDiff()) {
      for (int i = sampleCount(size, period); i > 0; i--) {
        long offset = pick(size, period);
        long length = Math.min(period, size - offset);
        if (changed.touches(offset, length)) {
          continue;
        }
        ExtentList fine = new ExtentList();
        detector.fineDiff(from, offset, length, fine);
        if (!fine.isEmpty()) {
          return Optional.of(
              "the object map of "
                  + snapshot.spec()
                  + " calls the object at offset "
                  + offset
                  + " unchanged, the object itself says otherwise");
        }
      }
    }
    return doubtsContent(parent, size, changed);
  }

  private Optional<String> doubtsContent(RbdImage parent, long size, ExtentList changed) {
    return firstDifference(parent, size, changed)
        .map(at -> "the diff of " + snapshot.spec() + " misses a change at offset " + at);
  }

  /** Why what lies outside the allocated extents cannot be taken for zeroes; empty where it can. */
  public Optional<String> doubtsHoles(ExtentList allocated) {
    return firstDifference(null, snapshot.sizeBytes(), allocated)
        .map(at ->
            "Ceph calls offset " + at + " of " + snapshot.spec() + " a hole, and it holds data");
  }

  // Looks at blocks outside the extents; without an earlier snapshot they have to be zero.
  private Optional<Long> firstDifference(@Nullable RbdImage before, long size, ExtentList extents) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment expected = arena.allocate(COMPARED_BYTES);
      MemorySegment actual = arena.allocate(COMPARED_BYTES);
      for (int i = size == 0 ? 0 : COMPARED; i > 0; i--) {
        long offset = pick(size, COMPARED_BYTES);
        long length = Math.min(COMPARED_BYTES, size - offset);
        if (extents.touches(offset, length)) {
          continue;
        }
        if (before != null) {
          before.read(offset, expected.asSlice(0, length));
        }
        snapshot.read(offset, actual.asSlice(0, length));
        if (expected.asSlice(0, length).mismatch(actual.asSlice(0, length)) >= 0) {
          return Optional.of(offset);
        }
      }
    }
    return Optional.empty();
  }

  private static int sampleCount(long size, long unit) {
    long units = (size + unit - 1) / unit;
    return (int) Math.min(Math.min(MOST, units), Math.max(LEAST, Math.round(units * SHARE)));
  }

  private long pick(long size, long unit) {
    return random.nextLong((size + unit - 1) / unit) * unit;
  }
}
