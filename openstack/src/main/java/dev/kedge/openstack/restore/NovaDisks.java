package dev.kedge.openstack.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.disks.Disk;
import dev.kedge.openstack.disks.DiskSource;
import dev.kedge.openstack.disks.NovaDiskKind;
import dev.kedge.openstack.nova.Server;
import dev.kedge.openstack.restore.plan.DiskKey;
import dev.kedge.repository.InstanceDisk;
import java.util.List;

/** Which of the disks that Nova made for a server stands for which of the original's. */
final class NovaDisks {
  private NovaDisks() {}

  /** Throws REFUSED where there is none, or it is not on Ceph. */
  static Disk.CephDisk match(List<Disk> found, InstanceDisk wanted, Server server) {
    NovaDiskKind kind =
        wanted.role() == InstanceDisk.Role.ROOT ? NovaDiskKind.ROOT : NovaDiskKind.EPHEMERAL;
    Disk disk =
        found.stream()
            .filter(d ->
                d.source() instanceof DiskSource.NovaDisk made
                    && made.kind() == kind
                    && made.number() == wanted.number())
            .findFirst()
            .orElse(null);
    return switch (disk) {
      case Disk.CephDisk onCeph -> onCeph;
      case Disk.DiskNotOnCeph(DiskSource _, boolean _, String reason) ->
          throw refused(wanted, server, reason);
      case null -> throw refused(wanted, server, "Nova made none for it: choose another flavour");
    };
  }

  private static KedgeException refused(InstanceDisk wanted, Server server, String reason) {
    return new KedgeException(
        ErrorCode.REFUSED,
        "%s of %s cannot be written: %s".formatted(DiskKey.of(wanted), server.label(), reason));
  }
}
