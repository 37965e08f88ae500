package dev.kedge.engine.verify;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a verification found about one restore point.
 *
 * @param point its id
 * @param image what it is a restore point of, for people; null where its manifest cannot be read
 * @param coverage how much of it was read
 * @param verifiedBytes how much of the image's content was read and proven
 * @param provenAt since when everything of it was read and found right; null for never
 * @param problems a line each; empty where all is well
 * @param source what comparing with Ceph gave: null where it was not asked for
 */
public record PointReport(
    String point,
    @Nullable String image,
    Coverage coverage,
    long verifiedBytes,
    @Nullable Instant provenAt,
    List<String> problems,
    @Nullable String source) {
  /** How much of a restore point was read. */
  public enum Coverage {
    /** All its data, or the rest of it after an interruption. */
    WHOLE,
    /** Its tables and checksums, and a part of its data. */
    PART,
    /** No data: it was proven before, or its description is damaged. */
    PRESENCE
  }

  /** One of which only the description was looked at. */
  static PointReport ofDescription(String point, @Nullable String image, List<String> problems) {
    return new PointReport(point, image, Coverage.PRESENCE, 0, null, problems, null);
  }

  /** Whether nothing is wrong. */
  public boolean isSound() {
    return problems.isEmpty();
  }
}
