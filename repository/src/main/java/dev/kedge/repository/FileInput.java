package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** A file opened for positional reads. Thread-safe. */
final class FileInput implements ObjectInput {
  /** The JDK copies to the heap through a cached off-heap buffer: keep that small. */
  private static final int HEAP_PIECE_BYTES = 256 << 10;

  private final String name;
  private final FileChannel channel;
  private final TargetErrors errors;
  private final DirectReads direct;

  private final int fd;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** A file that nobody changes while it is open. */
  static FileInput open(String name, Path file, TargetErrors errors) throws IOException {
    return new FileInput(name, file, errors, -1);
  }

  private FileInput(String name, Path file, TargetErrors errors, int fd) throws IOException {
    FileChannel channel = FileChannel.open(file);
    this.direct = new DirectReads(file, channel);
    this.name = name;
    this.channel = channel;
    this.errors = errors;
    this.fd = fd;
  }

  /**
   * Opens a file and says so, until it is closed, to who might give the space of its dead clusters
   * back.
   */
  static FileInput openLocked(String name, Path file, TargetErrors errors) throws IOException {
    int fd = NativeFiles.open(file, false);
    try {
      // Before anything is read: what a later editor finds unlocked is read in its new form.
      NativeFiles.lockAsReader(fd);
      return new FileInput(name, NativeFiles.path(fd), errors, fd);
    } catch (Throwable e) {
      NativeFiles.close(fd);
      throw e;
    }
  }

  @Override
  public long lengthBytes() {
    try {
      return channel.size();
    } catch (IOException e) {
      throw errors.reading(name, e);
    }
  }

  @Override
  public void readFully(long position, ByteBuffer dst) {
    int limit = dst.limit();
    long at = position;
    try {
      while (dst.position() < limit) {
        if (!dst.isDirect()) {
          dst.limit(Math.min(limit, dst.position() + HEAP_PIECE_BYTES));
        }
        int count = channel.read(dst, at);
        dst.limit(limit);
        if (count < 0) {
          throw endsEarly(at);
        }
        at += count;
      }
    } catch (IOException e) {
      throw errors.reading(name, e);
    }
  }

  @Override
  public void readOnce(long position, ByteBuffer dst) {
    readFully(position + direct.read(dst, position), dst);
  }

  @Override
  public int onceBlockBytes() {
    return DirectReads.BLOCK_BYTES;
  }

  private KedgeException endsEarly(long position) {
    return new KedgeException(
        ErrorCode.VERIFICATION_FAILED,
        name + " ends at byte " + position + ", before what should be read from it");
  }

  @Override
  public void close() {
    try (direct) {
      channel.close();
    } catch (IOException e) {
      throw errors.reading(name, e);
    } finally {
      if (fd >= 0 && closed.compareAndSet(false, true)) {
        NativeFiles.close(fd);
      }
    }
  }
}
