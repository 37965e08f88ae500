package dev.kedge.openstack.disks;

import dev.kedge.openstack.nova.Server;
import java.util.List;

/** A server's disks, the one that it boots from first. */
public record ServerDisks(Server server, List<Disk> disks) {
  /** Copies the disks. */
  public ServerDisks {
    disks = List.copyOf(disks);
  }
}
