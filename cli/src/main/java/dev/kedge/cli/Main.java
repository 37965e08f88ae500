package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The process {@code kedge}. */
public final class Main {
  // An interrupted backup removes its snapshot, which a busy cluster takes a moment for.
  private static final long CLEAN_UP_SECONDS = 60;

  private Main() {}

  /** Runs one command; the exit statuses are in {@link ErrorCode} and docs/cli.md. */
  public static void main(String[] args) {
    Session session = Session.ofProcess();
    int status = run(session, args);
    if (session.cancel().isCancelled()) {
      // The process is ending by a signal, and says so with its status.
      System.exit(status);
    }
    // Not exit(), which looks through every jar for somebody who logs it (45 ms): the only hook is
    // ours, and has nothing left to do.
    Runtime.getRuntime().halt(status);
  }

  /** All but the end of the process. */
  static int run(Session session, String... args) {
    CountDownLatch done = new CountDownLatch(1);
    // On SIGINT and SIGTERM the JVM runs this beside the command, and ends when it returns.
    Thread stopper =
        new Thread(
            () -> {
              session.cancel().cancel();
              try {
                done.await(CLEAN_UP_SECONDS, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                return;
              }
            },
            "stopper");
    Runtime.getRuntime().addShutdownHook(stopper);
    CephPreload preload = CephPreload.start(args);
    try {
      return KedgeCommand.run(session, args);
    } finally {
      preload.await();
      session.close();
      done.countDown();
    }
  }
}
