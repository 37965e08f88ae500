package dev.kedge.engine.repair;

import java.util.List;

/**
 * What became of a damaged restore point.
 *
 * @param point its id
 * @param image what it is a restore point of, for people
 * @param outcome how far it was repaired
 * @param rereadBytes how much was read again from Ceph
 * @param lostBytes how much is damaged and not in Ceph any more either
 * @param problems what is wrong with it still; in a dry run, what is wrong
 */
public record LayerReport(
    String point,
    String image,
    Outcome outcome,
    long rereadBytes,
    long lostBytes,
    List<String> problems) {
  /** How far a restore point was repaired. */
  public enum Outcome {
    /** It is sound now. */
    REPAIRED,
    /** It would be; this was a dry run. */
    REPAIRABLE,
    /** Some of it is right again, and some is lost. */
    PARTLY,
    /** Nothing of what is damaged can be had again. */
    LOST
  }

  /** Whether nothing is lost. */
  public boolean isWhole() {
    return outcome == Outcome.REPAIRED || outcome == Outcome.REPAIRABLE;
  }
}
