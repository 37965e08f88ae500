package dev.kedge.openstack.capture;

import dev.kedge.base.KedgeException;
import dev.kedge.engine.backup.BackupResult;
import dev.kedge.openstack.nova.Server;
import dev.kedge.repository.InstancePoint;
import java.util.Map;
import java.util.UUID;

/** What became of one instance in a backup. */
public sealed interface InstanceOutcome {
  /**
   * It has a restore point.
   *
   * @param disks what was done for each image, by its restore point
   */
  record Committed(InstancePoint point, Map<UUID, BackupResult> disks) implements InstanceOutcome {
    /** Copies the map. */
    public Committed {
      disks = Map.copyOf(disks);
    }
  }

  /** It has none. */
  record Failed(Server server, KedgeException failure) implements InstanceOutcome {}
}
