package dev.kedge.cli;

import dev.kedge.ceph.CephCluster;
import dev.kedge.ceph.CephOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How to reach Ceph. */
final class CephFlags {
  private static final String DEFAULT_USER = "admin";

  @Option(
      names = "--ceph-conf",
      paramLabel = "FILE",
      description = "ceph.conf (default: $CEPH_CONF, else /etc/ceph/ceph.conf)")
  @Nullable Path conf;

  @Option(
      names = "--ceph-user",
      paramLabel = "NAME",
      defaultValue = DEFAULT_USER,
      description = "Ceph user, with or without 'client.' (default: ${DEFAULT-VALUE})")
  String user = DEFAULT_USER;

  @Option(
      names = "--ceph-keyring",
      paramLabel = "FILE",
      description = "the user's keyring (default: as ceph.conf says)")
  @Nullable Path keyring;

  @Option(
      names = "--ceph-timeout",
      paramLabel = "SECONDS",
      defaultValue = "15",
      description =
          "how long to wait for a monitor (default: ${DEFAULT-VALUE}), and for the first answer of an OSD (at least 60)")
  int timeoutSeconds = 15;

  /** Connects; close what this returns. */
  CephCluster connect() {
    return CephCluster.connect(options());
  }

  CephOptions options() {
    CephOptions options =
        CephOptions.defaults()
            .withUser(user, keyring)
            .withConnectTimeout(Duration.ofSeconds(timeoutSeconds));
    return conf == null ? options : options.withConfFile(conf);
  }

  /** Whether one of them was given. */
  boolean areGiven() {
    return conf != null || keyring != null || !user.equals(DEFAULT_USER);
  }

  /** The same options again, for a command to be run later; each with a space before it. */
  String words() {
    StringBuilder words = new StringBuilder();
    if (conf != null) {
      words.append(" --ceph-conf ").append(conf);
    }
    if (!user.equals("admin")) {
      words.append(" --ceph-user ").append(user);
    }
    if (keyring != null) {
      words.append(" --ceph-keyring ").append(keyring);
    }
    return words.toString();
  }
}
