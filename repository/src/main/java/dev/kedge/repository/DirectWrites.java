package dev.kedge.repository;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes to a file past the page cache (open(2), O_DIRECT), where that costs less than the copy
 * into it: a backup is written once, and what the cache holds of it is taken from the guests. Only
 * large, aligned pieces on local file systems; over NFS each such write would wait for the server's
 * disk. Everything else is the ordinary channel's to write, to other blocks of the same file. Not
 * thread-safe.
 */
final class DirectWrites implements AutoCloseable {
  /** A smaller write is not worth the wait. */
  private static final int LEAST_BYTES = 256 << 10;

  private static final Set<String> LOCAL = Set.of("ext4", "xfs");

  private final int blockBytes;
  private @Nullable FileChannel channel;

  private DirectWrites(int blockBytes, @Nullable FileChannel channel) {
    this.blockBytes = blockBytes;
    this.channel = channel;
  }

  /**
   * For a file that exists; where its file system is none for this, {@link #write} does nothing.
   */
  static DirectWrites to(Path file) {
    try {
      var store = Files.getFileStore(file);
      int blockBytes = Math.toIntExact(store.getBlockSize());
      if (LOCAL.contains(store.type()) && Integer.bitCount(blockBytes) == 1) {
        return new DirectWrites(
            blockBytes, FileChannel.open(file, StandardOpenOption.WRITE, direct()));
      }
    } catch (IOException | ReflectiveOperationException | UnsupportedOperationException e) {
      // Not here: the ordinary channel reports what is wrong with the file itself.
    }
    return none();
  }

  // By its name: javac warns of every mention, and cannot be told that this one is meant.
  private static OpenOption direct() throws ReflectiveOperationException {
    Class<?> options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
    return (OpenOption) options.getField("DIRECT").get(null);
  }

  /** Writes nothing, ever. */
  static DirectWrites none() {
    return new DirectWrites(1, null);
  }

  /**
   * Writes the start of a buffer, up to the last whole block, and moves the buffer's position past
   * it. After a failure the rest is left to the ordinary channel, which meets the same one if it
   * lasts.
   *
   * @return how many bytes; 0 where they do not fit
   */
  int write(ByteBuffer bytes, long position) {
    if (channel == null || bytes.remaining() < LEAST_BYTES || !isAligned(bytes, position)) {
      return 0;
    }
    int start = bytes.position();
    int limit = bytes.limit();
    bytes.limit(start + bytes.remaining() / blockBytes * blockBytes);
    try {
      while (channel != null && bytes.hasRemaining()) {
        channel.write(bytes, position + (bytes.position() - start));
        if (!isAligned(bytes, position + (bytes.position() - start))) {
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

  private boolean isAligned(ByteBuffer bytes, long position) {
    return bytes.isDirect()
        && position % blockBytes == 0
        && bytes.alignmentOffset(bytes.position(), blockBytes) == 0;
  }

  @Override
  public void close() {
    FileChannel open = channel;
    channel = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        // Nothing is cached behind this channel: what it wrote, flush() of the other one proves.
      }
    }
  }
}
