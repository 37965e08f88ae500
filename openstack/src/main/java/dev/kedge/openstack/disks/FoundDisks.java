package dev.kedge.openstack.disks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The disks of some servers. */
public record FoundDisks(List<ServerDisks> servers) {
  /** Copies the servers. */
  public FoundDisks {
    servers = List.copyOf(servers);
  }

  /** Each RBD image once, also where several servers share it. */
  public List<Disk.CephDisk> distinctOnCeph() {
    record Place(String cluster, Object location) {}
    Map<Place, Disk.CephDisk> distinct = new LinkedHashMap<>();
    for (Disk disk : all()) {
      if (disk instanceof Disk.CephDisk found) {
        distinct.putIfAbsent(new Place(found.cluster(), found.location()), found);
      }
    }
    return List.copyOf(distinct.values());
  }

  /** The disks that cannot be read from Ceph. */
  public List<Disk.DiskNotOnCeph> notOnCeph() {
    return all().stream()
        .filter(Disk.DiskNotOnCeph.class::isInstance)
        .map(Disk.DiskNotOnCeph.class::cast)
        .toList();
  }

  private List<Disk> all() {
    return servers.stream().flatMap(server -> server.disks().stream()).toList();
  }
}
