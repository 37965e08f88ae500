package dev.kedge.openstack.copy;

import dev.kedge.engine.CancelToken;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A stream whose reads end when somebody asks to stop, or when nothing comes for a while: an answer
 * over HTTP can hang for ever. For one thread.
 */
final class WatchedStream extends FilterInputStream {
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);

  private final Duration patience;
  private final CancelToken cancel;
  private final Thread watcher;
  // 0 while nobody waits: a slow target is no reason to break off.
  private volatile long waitingSinceNanos;
  private volatile @Nullable String broken;

  WatchedStream(InputStream in, Duration patience, CancelToken cancel) {
    super(in);
    this.patience = patience;
    this.cancel = cancel;
    this.watcher = Thread.ofVirtual().name("download-watcher").start(this::watch);
  }

  private void watch() {
    try {
      while (broken == null) {
        Thread.sleep(LOOK_EVERY);
        long since = waitingSinceNanos;
        if (since != 0 && cancel.isCancelled()) {
          breakOff("stopped by request");
        } else if (since != 0 && System.nanoTime() - since > patience.toNanos()) {
          breakOff("nothing came for " + patience.toSeconds() + " s");
        }
      }
    } catch (InterruptedException e) {
      // The stream was closed.
      Thread.currentThread().interrupt();
    }
  }

  private void breakOff(String why) {
    broken = why;
    try {
      in.close();
    } catch (IOException e) {
      // The reader is told why in any case.
      broken = why + " (" + e.getMessage() + ")";
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    // Never 0 itself, which means that nobody waits.
    waitingSinceNanos = System.nanoTime() | 1;
    try {
      int read = in.read(bytes, offset, length);
      refuseBroken(null);
      return read;
    } catch (IOException e) {
      refuseBroken(e);
      throw e;
    } finally {
      waitingSinceNanos = 0;
    }
  }

  private void refuseBroken(@Nullable IOException cause) throws IOException {
    String why = broken;
    if (why != null) {
      cancel.check();
      throw new IOException("the download was given up: " + why, cause);
    }
  }

  @Override
  public void close() throws IOException {
    watcher.interrupt();
    super.close();
  }
}
