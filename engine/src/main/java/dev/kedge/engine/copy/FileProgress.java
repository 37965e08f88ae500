package dev.kedge.engine.copy;

import dev.kedge.engine.Progress;

/**
 * Counts the bytes of one source file, however much of it was really read, so that the whole's
 * progress ends where it should.
 */
final class FileProgress implements Progress {
  private final Progress whole;
  private final long fileBytes;
  private long doneBytes;

  FileProgress(Progress whole, long fileBytes) {
    this.whole = whole;
    this.fileBytes = fileBytes;
  }

  @Override
  public void begin(String step, long totalBytes) {}

  @Override
  public void advance(long bytes) {
    long some = Math.min(bytes, fileBytes - doneBytes);
    doneBytes += some;
    whole.advance(some);
  }

  @Override
  public void note(String message) {
    whole.note(message);
  }

  /** The file is done with. */
  void finish() {
    advance(fileBytes - doneBytes);
  }
}
