package dev.kedge.openstack.restore.plan;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.client.ApiObject;

/** What a restore needs of the project's quota. For one thread. */
final class Demand {
  private long instances;
  private long cores;
  private long ramMib;
  private long volumes;
  private long volumeGib;

  void server(long vcpus, long mib) {
    instances++;
    cores += vcpus;
    ramMib += mib;
  }

  void volume(long gib) {
    volumes++;
    volumeGib += gib;
  }

  void check(OpenStack cloud, PlanReport report) {
    if (instances > 0) {
      ApiObject limits = cloud.nova().limits();
      check(report, limits, "instances", "Instances", instances);
      check(report, limits, "cores", "Cores", cores);
      check(report, limits, "MiB of memory", "RAM", ramMib);
    }
    if (volumes > 0) {
      ApiObject limits = cloud.cinder().limits();
      check(report, limits, "volumes", "Volumes", volumes);
      check(report, limits, "GiB of volumes", "Gigabytes", volumeGib);
    }
  }

  /** Nova says {@code totalRAMSize} and {@code maxTotalRAMSize}; a maximum of -1 is none. */
  private static void check(
      PlanReport report, ApiObject limits, String what, String word, long needed) {
    String maximum =
        switch (word) {
          case "RAM" -> "maxTotalRAMSize";
          case "Gigabytes" -> "maxTotalVolumeGigabytes";
          default -> "maxTotal" + word;
        };
    String used = "total" + word + "Used";
    long most = limits.number(maximum, -1);
    long have = limits.number(used, 0);
    if (most >= 0 && have + needed > most) {
      report.problem(
          "quota",
          "%d more %s are needed, and the project has %d of %d: raise the quota, or free some"
              .formatted(needed, what, have, most));
    }
  }
}
