package dev.kedge.openstack.disks;

import dev.kedge.openstack.cinder.Volume;
import java.util.ArrayList;
import java.util.List;

/** By which keys of kedge.yaml a volume's backend is looked for; the closest first. */
final class BackendKeys {
  private BackendKeys() {}

  static List<String> of(Volume volume) {
    List<String> keys = new ArrayList<>();
    String host = volume.host();
    if (host != null) {
      addHost(keys, host);
    }
    if (volume.typeName() != null) {
      keys.add(volume.typeName());
    }
    return keys;
  }

  /** {@code node1@ceph#pool}: itself, {@code node1@ceph}, {@code ceph}, {@code pool}. */
  private static void addHost(List<String> keys, String host) {
    keys.add(host);
    int hash = host.indexOf('#');
    String service = hash < 0 ? host : host.substring(0, hash);
    keys.add(service);
    keys.add(service.substring(service.indexOf('@') + 1));
    if (hash >= 0) {
      keys.add(host.substring(hash + 1));
    }
  }
}
