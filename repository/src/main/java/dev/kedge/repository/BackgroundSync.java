package dev.kedge.repository;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Brings a growing file to the disk while it is written, so that the flush at its end has little
 * left to do and the page cache does not fill up with it. One call at a time, on its own thread. To
 * be used by one thread.
 */
final class BackgroundSync implements AutoCloseable {
  private static final long EVERY_BYTES = 128 << 20;

  private final FileChannel channel;
  private @Nullable ExecutorService executor;
  private @Nullable Future<?> running;
  private @Nullable IOException failure;
  private long pendingBytes;

  BackgroundSync(FileChannel channel) {
    this.channel = channel;
  }

  /** Counts what was written, and starts a call when it is time and none is under way. */
  void written(long bytes) {
    pendingBytes += bytes;
    if (pendingBytes < EVERY_BYTES || failure != null || (running != null && !running.isDone())) {
      return;
    }
    collect();
    pendingBytes = 0;
    running =
        executor()
            .submit(() -> {
              channel.force(false);
              return null;
            });
  }

  private ExecutorService executor() {
    if (executor == null) {
      executor =
          Executors.newSingleThreadExecutor(
              Thread.ofPlatform().daemon().name("kedge-sync").factory());
    }
    return executor;
  }

  /** Throws what a call in the background met. */
  void throwIfFailed() throws IOException {
    if (running != null && running.isDone()) {
      collect();
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Waits for the call under way; throws what it met. */
  void finish() throws IOException {
    collect();
    if (failure != null) {
      throw failure;
    }
  }

  private void collect() {
    Future<?> future = running;
    if (future == null) {
      return;
    }
    running = null;
    boolean interrupted = false;
    while (true) {
      try {
        future.get();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      } catch (ExecutionException e) {
        failure = e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        break;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    if (executor != null) {
      executor.shutdown();
    }
  }
}
