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
 * A file opened past the page cache (open(2), O_DIRECT), and what its file system demands of the
 * pieces that are read or written so. Only on local file systems: over NFS each piece would wait
 * for the server's disk. Thread-safe as the channel is.
 */
final class DirectChannel implements AutoCloseable {
  /** A smaller piece is not worth the wait. */
  static final int LEAST_BYTES = 256 << 10;

  private static final Set<String> LOCAL = Set.of("ext4", "xfs");

  private final FileChannel channel;
  private final int blockBytes;

  private DirectChannel(FileChannel channel, int blockBytes) {
    this.channel = channel;
    this.blockBytes = blockBytes;
  }

  /** Opens a file that exists; null where its file system is none for this. */
  static @Nullable DirectChannel open(Path file, StandardOpenOption way) {
    try {
      var store = Files.getFileStore(file);
      int blockBytes = Math.toIntExact(store.getBlockSize());
      if (LOCAL.contains(store.type()) && Integer.bitCount(blockBytes) == 1) {
        return new DirectChannel(FileChannel.open(file, way, direct()), blockBytes);
      }
    } catch (IOException | ReflectiveOperationException | UnsupportedOperationException e) {
      // Not here: the ordinary channel reports what is wrong with the file itself.
    }
    return null;
  }

  // By its name: javac warns of every mention, and cannot be told that this one is meant.
  private static OpenOption direct() throws ReflectiveOperationException {
    Class<?> options = Class.forName("com.sun.nio.file.ExtendedOpenOption");
    return (OpenOption) options.getField("DIRECT").get(null);
  }

  FileChannel channel() {
    return channel;
  }

  /** Whether a buffer is long enough to be worth it, and lies where it must. */
  boolean suits(ByteBuffer bytes, long position) {
    return bytes.remaining() >= LEAST_BYTES && isAligned(bytes, position);
  }

  /** Whether a buffer's position and the file's lie where they must. */
  boolean isAligned(ByteBuffer bytes, long position) {
    return bytes.isDirect()
        && position % blockBytes == 0
        && bytes.alignmentOffset(bytes.position(), blockBytes) == 0;
  }

  /** How much of a length is whole blocks. */
  int wholeBlocks(int lengthBytes) {
    return lengthBytes / blockBytes * blockBytes;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing is cached behind this channel: what it wrote, a flush of the other one proves.
    }
  }
}
