package dev.kedge.ceph;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The Ceph options that Kedge sets on each connection, where the caller does not.
 *
 * <p>Left alone, as measured with Ceph 16.2.15 (1.5 GiB, 16 reads of 1 MiB under way): fewer
 * threads (ms_async_op_threads), objecter_inflight_op_bytes, and lower debug levels saved no
 * memory. What does is the caller's: MALLOC_ARENA_MAX=2, and reads of 1 MiB or less.
 */
final class ClientSettings {
  /**
   * A monitor may take an election's time, an OSD that of another one's failure; without a bound, a
   * lost quorum would hang a command.
   */
  private static final Duration LEAST_TIMEOUT = Duration.ofSeconds(60);

  private ClientSettings() {}

  /** How long to wait for what a cluster that is well may take a while for. */
  static Duration atLeastAMinute(Duration connectTimeout) {
    return connectTimeout.compareTo(LEAST_TIMEOUT) > 0 ? connectTimeout : LEAST_TIMEOUT;
  }

  /**
   * The options in the order in which they are set. There is no rados_osd_op_timeout: a backup must
   * outlive the restart of an OSD; see {@link FirstAnswer}.
   */
  static Map<String, String> defaults(Duration connectTimeout) {
    long timeoutSeconds = Math.max(1, connectTimeout.toSeconds());
    Map<String, String> options = new LinkedHashMap<>();
    // Each byte is read or written once.
    options.put("rbd_cache", "false");
    // Without the copy a write that fails never completes (librbd 16). The default, unless a
    // ceph.conf has it otherwise.
    options.put(RbdImage.COPY_WRITES, "true");
    // RadosClient::connect waits this long for authentication.
    options.put("client_mount_timeout", Long.toString(timeoutSeconds));
    options.put("rados_mon_op_timeout", Long.toString(atLeastAMinute(connectTimeout).toSeconds()));
    // An unprivileged process cannot create them, and librados complains on stderr.
    options.put("log_file", "");
    options.put("admin_socket", "");
    options.put("log_to_stderr", "false");
    options.put("err_to_stderr", "false");
    // With two threads librbd (16.2.15, 18.2.7) uses freed memory, and aborts, when an image is
    // closed soon after it was opened while the cluster's OSD map changes: HastyClosingTest. With
    // one, rbd_snap_unprotect waits for itself, so Kedge has no such call.
    options.put("librados_thread_count", "1");
    return options;
  }
}
