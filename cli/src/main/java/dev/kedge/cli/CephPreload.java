package dev.kedge.cli;

import dev.kedge.ceph.CephLibraries;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Loads Ceph's libraries while the command line is parsed and the target is opened, where the words
 * promise that they will be needed. A wrong guess costs time and nothing else: what cannot be
 * loaded is said by the command that needs it, in its own time.
 */
final class CephPreload {
  private static final Set<String> NO_COMMAND = Set.of("--help", "-h", "--version", "-V");

  private final @Nullable Thread thread;

  private CephPreload(@Nullable Thread thread) {
    this.thread = thread;
  }

  /** Starts loading, if it is worth it. */
  static CephPreload start(String... args) {
    if (!needsCeph(args)) {
      return new CephPreload(null);
    }
    return new CephPreload(
        Thread.ofPlatform().daemon().name("kedge-preload").start(CephLibraries::bindCommon));
  }

  /** Whether a command line looks like one that will ask Ceph. */
  static boolean needsCeph(String... args) {
    if (args.length == 0 || Arrays.stream(args).anyMatch(NO_COMMAND::contains)) {
      return false;
    }
    return switch (args[0]) {
      case "backup" -> true;
      case "restore" ->
          Arrays.stream(args)
              .anyMatch(word -> word.startsWith("rbd:") || word.startsWith("--to=rbd:"));
      case "instance" -> args.length > 1 && (args[1].equals("backup") || args[1].equals("restore"));
      default -> false;
    };
  }

  /** Waits: a process that ends while its libraries are still being set up may crash. */
  void await() {
    if (thread == null) {
      return;
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
