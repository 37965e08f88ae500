package dev.kedge.openstack.capture;

import dev.kedge.engine.Progress;

/**
 * One progress for several pieces of work under way at a time: each {@link #begin} starts the count
 * anew with what is left of all that was announced. Thread-safe.
 */
final class SharedProgress implements Progress {
  private final Progress whole;
  private long leftBytes;

  SharedProgress(Progress whole) {
    this.whole = whole;
  }

  @Override
  public synchronized void begin(String step, long totalBytes) {
    leftBytes += totalBytes;
    whole.begin(step, leftBytes);
  }

  @Override
  public synchronized void advance(long bytes) {
    leftBytes -= bytes;
    whole.advance(bytes);
  }

  @Override
  public synchronized void note(String message) {
    whole.note(message);
  }
}
