package dev.kedge.repository;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a file past the page cache, where that costs less than the copy into it: a backup is
 * written once, and what the cache holds of it is taken from the guests. Only large, aligned
 * pieces; everything else is the ordinary channel's to write, to other blocks of the same file. Not
 * thread-safe.
 */
final class DirectWrites implements AutoCloseable {
  private @Nullable DirectChannel direct;

  private DirectWrites(@Nullable DirectChannel direct) {
    this.direct = direct;
  }

  /**
   * For a file that exists; where its file system is none for this, {@link #write} does nothing.
   */
  static DirectWrites to(Path file) {
    return new DirectWrites(DirectChannel.open(file, StandardOpenOption.WRITE));
  }

  /** Writes nothing, ever. */
  static DirectWrites none() {
    return new DirectWrites(null);
  }

  /**
   * Writes the start of a buffer, up to the last whole block, and moves the buffer's position past
   * it. After a failure the rest is left to the ordinary channel, which meets the same one if it
   * lasts.
   *
   * @return how many bytes; 0 where they do not fit
   */
  int write(ByteBuffer bytes, long position) {
    DirectChannel open = direct;
    if (open == null || !open.suits(bytes, position)) {
      return 0;
    }
    int start = bytes.position();
    int limit = bytes.limit();
    bytes.limit(start + open.wholeBlocks(bytes.remaining()));
    try {
      while (bytes.hasRemaining()) {
        open.channel().write(bytes, position + (bytes.position() - start));
        if (!open.isAligned(bytes, position + (bytes.position() - start))) {
          break;
        }
      }
    } catch (IOException e) {
      close();
    } finally {
      bytes.limit(limit);
    }
    return bytes.position() - start;
  }

  @Override
  public void close() {
    DirectChannel open = direct;
    direct = null;
    if (open != null) {
      open.close();
    }
  }
}
