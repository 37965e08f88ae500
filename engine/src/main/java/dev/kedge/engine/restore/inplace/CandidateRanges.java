package dev.kedge.engine.restore.inplace;

import dev.kedge.engine.plan.ExtentList;
import java.util.Locale;

/**
 * The ranges outside which an image is known to hold what it should.
 *
 * @param ranges normalised, and within the size that the image will have
 * @param reason why they were found in this way
 */
record CandidateRanges(ExtentList ranges, Method method, String reason) {
  /** How they were found. */
  enum Method {
    /** By the diff since a snapshot that is known to hold a restore point. */
    DIFF,
    /** By reading the image and comparing it with the checksums of the restore point. */
    CHECKSUMS,
    /** By reading both. */
    CONTENT;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
