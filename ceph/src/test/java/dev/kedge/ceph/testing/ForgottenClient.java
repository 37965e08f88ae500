package dev.kedge.ceph.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kedge.ceph.ImageSpec;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Makes clients that are killed while Ceph writes their watch down. It does so when all replicas
 * have it, so the one that is not the primary OSD stands still meanwhile.
 */
public final class ForgottenClient {
  /**
   * A pool whose objects have a replica, unlike those of the lab's other pools. All are in one
   * placement group: what is done to get rid of one forgotten client changes what Ceph knows of the
   * others.
   */
  private static final String POOL = "kedge-test-replicated";

  private static final int TRIES = 5;
  private static final Duration LONGEST_QUEUE = Duration.ofSeconds(10);

  private ForgottenClient() {}

  /** A pool with images of which {@link #of} can make one that has a forgotten client. */
  public static RbdPool pool(LabCeph lab) {
    if (!lab.cluster().poolNames().contains(POOL)) {
      lab.ensurePool(POOL, 1);
      lab.ceph("osd", "pool", "set", POOL, "size", "2");
      lab.ceph("osd", "pool", "set", POOL, "min_size", "1");
    }
    return lab.cluster().openPool(POOL, "");
  }

  /** An image of that pool, removed with the lab's others, that has a forgotten client. */
  public static String image(LabCeph lab, RbdPool pool, long sizeBytes) {
    String image = lab.image(pool, ImageSpec.ofSize(sizeBytes));
    of(lab, pool, image);
    return image;
  }

  /**
   * Leaves a forgotten client on an image of that pool; the test ends here, as skipped, where Ceph
   * forgets none: 18.2.7 did not in five tries.
   */
  public static void of(LabCeph lab, RbdPool pool, String image) {
    assumeTrue(lab.isPacific(), "only Ceph 16 forgets clients");
    HeaderGroup header = HeaderGroup.of(lab, pool, image);
    for (int i = 1; i <= TRIES; i++) {
      killWhileItOpens(lab, header, Duration.ofMillis(200L * i));
      try (RbdImage handle = pool.openReadOnly(image, null)) {
        if (!handle.forgottenWatchers().isEmpty()) {
          return;
        }
      }
    }
    throw new AssertionError("Ceph has not forgotten any of " + TRIES + " killed clients");
  }

  private static void killWhileItOpens(LabCeph lab, HeaderGroup header, Duration untilReset) {
    try {
      signal(lab, header.replica(), "STOP");
      try {
        Process client =
            new ProcessBuilder(
                    "rados",
                    "--conf",
                    lab.confFile().toString(),
                    "--pool",
                    header.pool(),
                    "watch",
                    header.object())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
          awaitQueued(lab, header);
        } finally {
          client.destroyForcibly().waitFor();
        }
        // The primary has to see first that the connection broke.
        Thread.sleep(untilReset);
      } finally {
        signal(lab, header.replica(), "CONT");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static void awaitQueued(LabCeph lab, HeaderGroup header) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + LONGEST_QUEUE.toNanos();
    while (!lab.ceph("tell", "osd." + header.primary(), "ops").contains("[watch watch")) {
      if (System.nanoTime() > deadlineNanos) {
        throw new AssertionError("the watch of " + header.object() + " did not reach its OSD");
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
  }

  // The lab's file holds the boot's id, the pid and the start time.
  private static void signal(LabCeph lab, int osd, String signal)
      throws IOException, InterruptedException {
    Path identity = lab.confFile().resolveSibling("osd." + osd + ".proc");
    String pid = Files.readString(identity).split(" ", -1)[1];
    int status = new ProcessBuilder("kill", "-" + signal, pid).inheritIO().start().waitFor();
    if (status != 0) {
      throw new AssertionError("osd." + osd + " cannot be sent SIG" + signal);
    }
  }
}
