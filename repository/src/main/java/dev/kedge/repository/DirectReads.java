package dev.kedge.repository;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Reads of a file past the page cache, where that costs less than going through it: a restore reads
 * once what was written long ago, and what the cache keeps of it is taken from the guests. What is
 * cached already is the ordinary channel's to read, as is all that is short or does not lie as a
 * disk needs it. Thread-safe.
 */
final class DirectReads implements AutoCloseable {
  /** What any disk is satisfied with. */
  static final int BLOCK_BYTES = 4096;

  private final Path file;
  private final FileChannel cached;
  private boolean looked;
  private @Nullable Opened opened;

  /** The same until something fails: other threads may be reading from it still. */
  private volatile @Nullable Opened usable;

  /** Reads of a file that the ordinary channel has open; nothing is done before the first. */
  DirectReads(Path file, FileChannel cached) {
    this.file = file;
    this.cached = cached;
  }

  /**
   * Reads to the start of a buffer, as far as its last whole block, and moves the buffer's position
   * past what was read. What it leaves, the ordinary channel has to read, which also meets whatever
   * failed here.
   *
   * @return how many bytes; 0 where this is nothing for it
   */
  int read(ByteBuffer dst, long position) {
    if (!dst.isDirect() || dst.remaining() < DirectChannel.LEAST_BYTES) {
      return 0;
    }
    Opened open = usable;
    if (open == null) {
      open = open();
    }
    if (open == null
        || !open.direct.isAligned(dst, position)
        || open.isCached(position, dst.remaining())) {
      return 0;
    }
    return read(open.direct, dst, position);
  }

  private int read(DirectChannel direct, ByteBuffer dst, long position) {
    int start = dst.position();
    int limit = dst.limit();
    dst.limit(start + direct.wholeBlocks(dst.remaining()));
    try {
      while (dst.hasRemaining()) {
        long at = position + (dst.position() - start);
        // Less than asked for: the end of the file.
        if (!direct.isAligned(dst, at) || direct.channel().read(dst, at) <= 0) {
          break;
        }
      }
    } catch (IOException e) {
      usable = null;
    } finally {
      dst.limit(limit);
    }
    return dst.position() - start;
  }

  private synchronized @Nullable Opened open() {
    if (!looked) {
      looked = true;
      DirectChannel direct = DirectChannel.open(file, StandardOpenOption.READ);
      if (direct != null) {
        try {
          opened = new Opened(direct, cached);
          usable = opened;
        } catch (IOException | UnsupportedOperationException e) {
          // Nobody can tell what is cached then: the ordinary channel reads everything.
          direct.close();
        }
      }
    }
    return usable;
  }

  @Override
  public synchronized void close() {
    looked = true;
    usable = null;
    if (opened != null) {
      opened.close();
      opened = null;
    }
  }

  /** The file past the cache, and as a map: never read, the kernel is asked what is in memory. */
  private static final class Opened implements AutoCloseable {
    final DirectChannel direct;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment map;

    Opened(DirectChannel direct, FileChannel cached) throws IOException {
      this.direct = direct;
      map = cached.map(FileChannel.MapMode.READ_ONLY, 0, cached.size(), arena);
    }

    boolean isCached(long position, int lengthBytes) {
      return position > map.byteSize() - lengthBytes
          || map.asSlice(position, lengthBytes).isLoaded();
    }

    @Override
    public void close() {
      arena.close();
      direct.close();
    }
  }
}
