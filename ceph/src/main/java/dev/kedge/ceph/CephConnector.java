package dev.kedge.ceph;

import static java.lang.foreign.ValueLayout.ADDRESS;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a connected {@code rados_t}: create, configure, connect. */
final class CephConnector {
  private static final int SETTING_BYTES = 4096;

  private final CephOptions options;
  private final MemorySegment pointer;

  private CephConnector(CephOptions options, MemorySegment pointer) {
    this.options = options;
    this.pointer = pointer;
  }

  static MemorySegment connect(CephOptions options) {
    MemorySegment pointer = create(options.entity());
    try {
      CephConnector connector = new CephConnector(options, pointer);
      connector.configure();
      connector.connect();
      return pointer;
    } catch (RuntimeException | Error e) {
      LibRados.SHUTDOWN.call(pointer);
      throw e;
    }
  }

  private static MemorySegment create(String entity) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      long result =
          LibRados.CREATE2.call(out, CStrings.of(arena, "ceph"), CStrings.of(arena, entity), 0L);
      if (result < 0) {
        throw new KedgeException(
            ErrorCode.USAGE,
            "'"
                + entity
                + "' is no Ceph user: write admin or client.admin (rados_create2: "
                + Errno.describe(result)
                + ")");
      }
      return CephCluster.pointerAt(out);
    }
  }

  /**
   * Kedge's settings come first: reading ceph.conf already opens the log that it names. They
   * override the file all the same.
   */
  private void configure() {
    Map<String, String> wanted =
        new LinkedHashMap<>(ClientSettings.defaults(options.connectTimeout()));
    wanted.keySet().removeAll(options.settings().keySet());
    // A default that this version of Ceph does not know any more is not worth a failure.
    wanted.forEach(this::set);
    options.settings().forEach(this::setRequired);
    readConfFile(options.confFile());
    Path keyring = options.keyring();
    if (keyring != null) {
      setRequired("keyring", keyring.toAbsolutePath().toString());
    }
  }

  private void readConfFile(@Nullable Path file) {
    if (file != null && !Files.isReadable(file)) {
      throw new KedgeException(
          ErrorCode.NOT_FOUND, file + " cannot be read: name the cluster's ceph.conf");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment path = CStrings.of(arena, file == null ? null : file.toString());
      long result = LibRados.CONF_READ_FILE.call(pointer, path);
      boolean none = result == Errno.ENOENT.asReturnValue() && file == null;
      if (none && options.settings().containsKey("mon_host")) {
        return;
      }
      if (none) {
        throw new KedgeException(
            ErrorCode.NOT_FOUND,
            "no ceph.conf in $CEPH_CONF, /etc/ceph or ~/.ceph: name the cluster's ceph.conf");
      }
      CephErrors.check(
          LibRados.CONF_READ_FILE, result, file == null ? "ceph.conf" : file.toString());
    }
  }

  private void setRequired(String option, String value) {
    long result = set(option, value);
    if (result < 0) {
      throw new KedgeException(
          ErrorCode.USAGE,
          (result == Errno.ENOENT.asReturnValue()
                  ? "Ceph has no option '" + option + "'"
                  : "Ceph refuses this value of its option '" + option + "'")
              + " (rados_conf_set: "
              + Errno.describe(result)
              + ")");
    }
  }

  private long set(String option, String value) {
    try (Arena arena = Arena.ofConfined()) {
      return LibRados.CONF_SET.call(pointer, CStrings.of(arena, option), CStrings.of(arena, value));
    }
  }

  /** The value in force, or empty. */
  private String get(String option) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(SETTING_BYTES);
      long result =
          LibRados.CONF_GET.call(pointer, CStrings.of(arena, option), buffer, buffer.byteSize());
      return result < 0 ? "" : buffer.getString(0);
    }
  }

  private void connect() {
    long result = LibRados.CONNECT.call(pointer);
    if (result < 0) {
      throw new ConnectFailure(options, this::get).explain(result);
    }
  }
}
