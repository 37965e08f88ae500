package dev.kedge.engine.restore.inplace;

import dev.kedge.engine.plan.ExtentList;

/** Ranges widened to whole clusters, so that each stored cluster is read once. */
final class AlignedRanges {
  private AlignedRanges() {}

  /** The normalised ranges that start and end at multiples of the unit, cut at the size. */
  static ExtentList of(ExtentList ranges, long unitBytes, long sizeBytes) {
    ExtentList aligned = new ExtentList();
    ranges.forEach((offset, length, zero) -> {
      long start = offset / unitBytes * unitBytes;
      long end = (offset + length + unitBytes - 1) / unitBytes * unitBytes;
      aligned.add(start, Math.min(end, sizeBytes) - start, false);
    });
    aligned.normalise();
    return aligned;
  }
}
