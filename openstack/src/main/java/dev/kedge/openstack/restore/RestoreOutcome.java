package dev.kedge.openstack.restore;

import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * A finished restore.
 *
 * @param servers none where only networks or security groups were restored
 * @param made everything that was made, in that order
 */
public record RestoreOutcome(
    UUID restore, List<RestoredServer> servers, List<Made> made, Duration duration) {
  /** An instance that is back. */
  public record RestoredServer(String originalId, String id, String name, String status) {}

  /** Copies the lists. */
  public RestoreOutcome {
    servers = List.copyOf(servers);
    made = List.copyOf(made);
  }
}
