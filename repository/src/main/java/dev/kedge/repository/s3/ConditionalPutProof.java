package dev.kedge.repository.s3;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Finds out whether the store honours {@code If-None-Match: *}. One that ignores it would let every
 * contender win, and an image have two writers. Leases cannot make up for that: S3 has no other
 * request that fails where somebody was faster, so that a writer which slept for longer than its
 * lease could still commit. Such a store is refused.
 *
 * <p>Each process asks before its first such write, since a repository can be copied to another
 * store. Thread-safe.
 */
final class ConditionalPutProof {
  /** The start of the names of probes, which are removed at once. */
  private static final String PROBE = ".probe-";

  private static final int ROUNDS = 3;
  private static final int CONTENDERS = 4;

  private final S3Bucket bucket;
  private boolean proven;

  ConditionalPutProof(S3Bucket bucket) {
    this.bucket = bucket;
  }

  /** Throws REFUSED unless a second write of one name, in this folder, fails. */
  synchronized void require(String folder) {
    if (proven) {
      return;
    }
    String probe = newProbe(folder);
    try {
      boolean first = wins(probe, "first");
      if (!first || wins(probe, "second")) {
        throw refused("it does not honour 'If-None-Match: *'");
      }
    } finally {
      bucket.delete(probe);
    }
    proven = true;
  }

  /** Throws REFUSED unless one of several concurrent writes of one name succeeds. */
  void requireOneWinner(String folder) {
    require(folder);
    try (ExecutorService threads =
        Executors.newFixedThreadPool(CONTENDERS, Thread.ofPlatform().daemon().factory())) {
      for (int round = 0; round < ROUNDS; round++) {
        requireOneWinner(newProbe(folder), threads);
      }
    }
  }

  private void requireOneWinner(String probe, ExecutorService threads) {
    List<Callable<Boolean>> contenders = new ArrayList<>();
    for (int i = 0; i < CONTENDERS; i++) {
      String text = "contender " + i;
      contenders.add(() -> wins(probe, text));
    }
    try {
      int winners = 0;
      for (Future<Boolean> contender : threads.invokeAll(contenders)) {
        winners += contender.get() ? 1 : 0;
      }
      if (winners != 1) {
        throw refused(winners + " of " + CONTENDERS + " concurrent writes of one name succeeded");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KedgeException(
          ErrorCode.INTERRUPTED, "Stopped while using " + bucket.location(), e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KedgeException known
          ? known
          : new IllegalStateException("a contender failed", e.getCause());
    } finally {
      bucket.delete(probe);
    }
  }

  // A write that was sent again after a lost answer fails, though it was the one that won.
  private boolean wins(String probe, String text) {
    String mark = UUID.randomUUID().toString();
    return switch (bucket.putIfAbsent(probe, text.getBytes(StandardCharsets.UTF_8), mark)) {
      case WRITTEN -> true;
      case EXISTS, CONFLICT ->
          bucket.head(probe).filter(there -> mark.equals(there.mark())).isPresent();
    };
  }

  private static String newProbe(String folder) {
    return folder + PROBE + UUID.randomUUID();
  }

  private KedgeException refused(String why) {
    return new KedgeException(
        ErrorCode.REFUSED,
        "%s at %s cannot keep a repository safely: %s, so two backups of one image could overwrite each other; see docs/targets.md"
            .formatted(bucket.location(), bucket.errors().endpoint(), why));
  }
}
