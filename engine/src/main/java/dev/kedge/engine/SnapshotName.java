package dev.kedge.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a snapshot that Kedge takes: {@code backup.<restore point>.snap.<unix time>}. Cinder
 * removes snapshots of that form by itself when it deletes a volume (cinder volume/drivers/rbd.py),
 * so ours never stand in its way. Its own backup driver uses the same form: a name alone does not
 * make a snapshot ours.
 *
 * @param point the restore point that the snapshot belongs to
 * @param unixSeconds when it was taken
 */
public record SnapshotName(UUID point, long unixSeconds) {
  private static final Pattern FORM =
      Pattern.compile(
          "backup\\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\.snap\\.(\\d{1,18})");

  private static final Duration LATEST_ARRIVAL = Duration.ofMinutes(15);

  /** The name for a snapshot taken now. */
  public static SnapshotName of(UUID point, Instant now) {
    return new SnapshotName(point, now.getEpochSecond());
  }

  /** Reads a snapshot's name; empty where it has another form. */
  public static Optional<SnapshotName> parse(String name) {
    Matcher matcher = FORM.matcher(name);
    return matcher.matches()
        ? Optional.of(
            new SnapshotName(UUID.fromString(matcher.group(1)), Long.parseLong(matcher.group(2))))
        : Optional.empty();
  }

  /**
   * Whether the snapshot, where it is not there, may still come: the request of a killed run is
   * served within seconds, by QEMU or a busy OSD, and by a stalled cluster within minutes.
   */
  public boolean mayStillCome(Instant now) {
    return now.isBefore(Instant.ofEpochSecond(unixSeconds).plus(LATEST_ARRIVAL));
  }

  @Override
  public String toString() {
    return "backup." + point + ".snap." + unixSeconds;
  }
}
