package dev.kedge.openstack.disks;

import dev.kedge.engine.RbdLocation;
import dev.kedge.openstack.config.KedgeConfig;
import dev.kedge.openstack.config.PoolPlace;
import dev.kedge.openstack.nova.Server;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the disks that Nova made for a server. On RBD they are called {@code <server>_disk}, {@code
 * _disk.local} or {@code _disk.eph0} and on, {@code _disk.swap}, {@code _disk.config}
 * (nova/virt/libvirt/imagebackend.py and blockinfo.py). Swap and config drive count only where they
 * are on Ceph: Nova makes them again.
 */
final class NovaDiskFinder {
  private static final int MAX_EPHEMERAL = 32;

  private final KedgeConfig config;
  private final CephClusters clusters;

  NovaDiskFinder(KedgeConfig config, CephClusters clusters) {
    this.config = config;
    this.clusters = clusters;
  }

  List<Disk> find(Server server) {
    List<Disk> disks = new ArrayList<>();
    if (server.imageId() != null) {
      disks.addAll(required(server, NovaDiskKind.ROOT, List.of("")));
    }
    if (server.flavor().ephemeralGib() > 0) {
      disks.addAll(required(server, NovaDiskKind.EPHEMERAL, ephemeralNames()));
    }
    if (server.flavor().swapMib() > 0) {
      disks.addAll(present(server, NovaDiskKind.SWAP, List.of(".swap")));
    }
    if (server.configDrive()) {
      disks.addAll(present(server, NovaDiskKind.CONFIG_DRIVE, List.of(".config")));
    }
    return disks;
  }

  private static List<String> ephemeralNames() {
    List<String> names = new ArrayList<>(List.of(".local"));
    for (int i = 0; i < MAX_EPHEMERAL; i++) {
      names.add(".eph" + i);
    }
    return names;
  }

  private List<Disk> required(Server server, NovaDiskKind kind, List<String> endings) {
    List<Disk> found = present(server, kind, endings);
    return found.isEmpty()
        ? List.of(
            new Disk.DiskNotOnCeph(
                new DiskSource.NovaDisk(server, kind, 0), isBoot(kind), reason(server, endings)))
        : found;
  }

  private List<Disk> present(Server server, NovaDiskKind kind, List<String> endings) {
    List<Disk> found = new ArrayList<>();
    if (config.nova().isEmpty()) {
      return found;
    }
    PoolPlace place = config.nova().get();
    for (String ending : endings) {
      RbdLocation image = image(place, server, ending);
      if (clusters.exists(place.cluster(), image)) {
        found.add(
            new Disk.CephDisk(
                new DiskSource.NovaDisk(server, kind, found.size()),
                isBoot(kind),
                place.cluster(),
                image));
      } else if (ending.startsWith(".eph")) {
        // They are numbered without a gap.
        break;
      }
    }
    return found;
  }

  private String reason(Server server, List<String> endings) {
    if (server.status().equals("SHELVED_OFFLOADED")) {
      return "the server is shelved, its disk lies in a Glance image: unshelve it first";
    }
    return config
        .nova()
        .map(place ->
            "cluster %s has no image %s: Nova keeps its disks elsewhere, or nova in %s names the wrong pool"
                .formatted(
                    place.cluster(), image(place, server, endings.getFirst()), config.file()))
        .orElse("nothing says where Nova keeps its disks: set nova in " + config.file());
  }

  private static RbdLocation image(PoolPlace place, Server server, String ending) {
    return place.image(server.id() + "_disk" + ending);
  }

  private static boolean isBoot(NovaDiskKind kind) {
    return kind == NovaDiskKind.ROOT;
  }
}
