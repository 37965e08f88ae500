package dev.kedge.cli;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cloud.CloudConfig;
import dev.kedge.openstack.cloud.Clouds;
import dev.kedge.openstack.cloud.Surroundings;
import dev.kedge.openstack.config.KedgeConfig;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which cloud, as whom, and where its disks lie. */
final class CloudFlags {
  @Option(
      names = "--os-cloud",
      paramLabel = "NAME",
      description = "a cloud of clouds.yaml (default: $OS_CLOUD, else OS_* variables)")
  private @Nullable String cloud;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "where disks lie (default: $KEDGE_CONFIG, else ~/.config/kedge/kedge.yaml, else"
              + " /etc/kedge/kedge.yaml)")
  private @Nullable Path config;

  @Mixin private CephFlags ceph = new CephFlags();

  /** The cloud; close what this returns. What its user should know goes to standard error. */
  OpenStack open(Session session) {
    CloudConfig found =
        new Clouds(Surroundings.ofProcess(Variables.all())).resolve(cloud, Map.of());
    found.warnings().forEach(warning -> session.err().println("kedge: " + warning));
    return new OpenStack(found);
  }

  /** kedge.yaml, and what the command line says of the one Ceph cluster. */
  KedgeConfig config() {
    KedgeConfig found = KedgeConfig.load(config, Surroundings.ofProcess(Variables.all()));
    return ceph.areGiven()
        ? found.defaultCluster().map(name -> found.withCluster(name, ceph.options())).orElse(found)
        : found;
  }
}
