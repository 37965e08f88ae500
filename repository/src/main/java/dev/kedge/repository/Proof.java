package dev.kedge.repository;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of the verifications of a restore point. A memory and no promise: where it is
 * lost, the restore point is read again.
 *
 * @param point the restore point
 * @param content what was read, as {@link #contentOf} names it
 * @param provenAt the latest moment from which on every byte was read and found right; null for
 *     never
 * @param damagedAt when it was found damaged; null where it was read whole and found right since
 * @param pass how far a verification has come that did not read everything yet; null for none
 */
public record Proof(
    UUID point,
    String content,
    @Nullable Instant provenAt,
    @Nullable Instant damagedAt,
    @Nullable Pass pass) {

  /**
   * A verification in parts.
   *
   * @param begunAt when its first part began
   * @param nextOffset up to where it has read, in bytes of the image
   */
  public record Pass(Instant begunAt, long nextOffset) {}

  /** Of one that was never verified. */
  public static Proof none(Manifest point) {
    return new Proof(point.id(), contentOf(point), null, null, null);
  }

  /** The same, read up to here without finding anything. */
  public Proof at(Pass newPass) {
    return new Proof(point, content, provenAt, damagedAt, newPass);
  }

  /** The same, read whole since then. */
  public Proof proven(Instant since) {
    return new Proof(point, content, since, null, null);
  }

  /** The same, found damaged. */
  public Proof damaged(Instant at) {
    return new Proof(point, content, provenAt, at, null);
  }

  /** The files that a restore point has now: other ones, as pruning makes them, are unproven. */
  public static String contentOf(Manifest point) {
    return point.file().tablesDigest().hex()
        + "-"
        + point.file().lengthBytes()
        + "-"
        + point.sums().digest().hex();
  }
}
