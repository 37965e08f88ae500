package dev.kedge.ceph;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a Ceph cluster.
 *
 * @param confFile ceph.conf; null: {@code $CEPH_CONF}, else librados' default places
 * @param user {@code admin} or {@code client.admin}
 * @param keyring the user's keyring; null: what ceph.conf says
 * @param connectTimeout how long to wait for a monitor; whole seconds, at least one
 * @param settings Ceph options that override both ceph.conf and Kedge's own defaults
 */
public record CephOptions(
    @Nullable Path confFile,
    String user,
    @Nullable Path keyring,
    Duration connectTimeout,
    Map<String, String> settings) {

  /** Copies the settings. */
  public CephOptions {
    settings = Map.copyOf(settings);
  }

  /** User admin, 15 seconds, everything else as ceph.conf has it. */
  public static CephOptions defaults() {
    return new CephOptions(null, "admin", null, Duration.ofSeconds(15), Map.of());
  }

  /** The same with another ceph.conf. */
  public CephOptions withConfFile(Path path) {
    return new CephOptions(path, user, keyring, connectTimeout, settings);
  }

  /** The same as another user. */
  public CephOptions withUser(String name, @Nullable Path itsKeyring) {
    return new CephOptions(confFile, name, itsKeyring, connectTimeout, settings);
  }

  /** The same with another bound on the wait for a monitor. */
  public CephOptions withConnectTimeout(Duration timeout) {
    return new CephOptions(confFile, user, keyring, timeout, settings);
  }

  /** The same with other settings. */
  public CephOptions withSettings(Map<String, String> others) {
    return new CephOptions(confFile, user, keyring, connectTimeout, others);
  }

  /** The user with its type: {@code client.admin}. */
  String entity() {
    return user.contains(".") ? user : "client." + user;
  }
}
