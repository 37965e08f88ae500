package dev.kedge.qcow2;

import java.util.BitSet;
import java.util.List;

/** What a check has found. Immutable. */
public final class CheckReport {
  private final List<String> corruptions;
  private final long corruptionCount;
  private final long leakedClusters;
  private final long hostClusters;
  private final BitSet plainData;

  CheckReport(
      List<String> corruptions,
      long corruptionCount,
      long leakedClusters,
      long hostClusters,
      BitSet plainData) {
    this.corruptions = List.copyOf(corruptions);
    this.corruptionCount = corruptionCount;
    this.leakedClusters = leakedClusters;
    this.hostClusters = hostClusters;
    this.plainData = plainData;
  }

  /** Whether nothing is damaged; leaks only waste space. */
  public boolean isSound() {
    return corruptionCount == 0;
  }

  /** The first corruptions, one line each, at most {@link Qcow2Check#MAX_LISTED}. */
  public List<String> corruptions() {
    return corruptions;
  }

  /** How many corruptions there are. */
  public long corruptionCount() {
    return corruptionCount;
  }

  /** How many host clusters have a higher refcount than references. */
  public long leakedClusters() {
    return leakedClusters;
  }

  /** How many host clusters the file has, a partial last one included. */
  public long hostClusters() {
    return hostClusters;
  }

  /**
   * Whether a host cluster holds plain guest data and nothing else. What is left are header,
   * tables, compressed clusters, preallocated zero clusters, padding and leaks.
   */
  public boolean isPlainData(long hostClusterIndex) {
    return hostClusterIndex >= 0
        && hostClusterIndex < hostClusters
        && plainData.get((int) hostClusterIndex);
  }
}
