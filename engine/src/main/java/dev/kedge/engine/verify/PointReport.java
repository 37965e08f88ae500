package dev.kedge.engine.verify;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a verification found about one restore point.
 *
 * @param point its id
 * @param image what it is a restore point of, for people; null where its manifest cannot be read
 * @param verifiedBytes how much of the image's content was read and proven
 * @param problems a line each; empty where all is well
 * @param source what comparing with Ceph gave: null where it was not asked for
 */
public record PointReport(
    String point,
    @Nullable String image,
    long verifiedBytes,
    List<String> problems,
    @Nullable String source) {
  /** Whether nothing is wrong. */
  public boolean isSound() {
    return problems.isEmpty();
  }
}
