package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file changed in place. Not thread-safe. */
final class FileEditor implements ObjectEditor {
  private final String name;
  private final TargetErrors errors;
  private final int fd;
  private final FileChannel channel;
  private boolean closed;

  private FileEditor(String name, TargetErrors errors, int fd, FileChannel channel) {
    this.name = name;
    this.errors = errors;
    this.fd = fd;
    this.channel = channel;
  }

  static FileEditor open(String name, Path file, TargetErrors errors) throws IOException {
    int fd = NativeFiles.open(file, true);
    try {
      if (!NativeFiles.lockAsWriter(fd)) {
        throw new KedgeException(
            ErrorCode.BUSY,
            name + " is being changed by another process, which lost its lease and still runs");
      }
      return new FileEditor(
          name,
          errors,
          fd,
          FileChannel.open(
              NativeFiles.path(fd), StandardOpenOption.READ, StandardOpenOption.WRITE));
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
  public void write(long position, ByteBuffer bytes) {
    long at = position;
    try {
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
    } catch (IOException e) {
      throw errors.writing(name, e);
    }
  }

  @Override
  public void truncate(long lengthBytes) {
    try {
      channel.truncate(lengthBytes);
    } catch (IOException e) {
      throw errors.writing(name, e);
    }
  }

  @Override
  public void flush() {
    try {
      channel.force(true);
    } catch (IOException e) {
      throw errors.writing(name, e);
    }
  }

  @Override
  public boolean hasReaders() {
    return NativeFiles.hasReaders(fd);
  }

  @Override
  public boolean punchHole(long position, long lengthBytes) {
    try {
      return NativeFiles.punchHole(fd, position, lengthBytes);
    } catch (IOException e) {
      throw errors.writing(name, e);
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      channel.close();
    } catch (IOException e) {
      throw errors.writing(name, e);
    } finally {
      NativeFiles.close(fd);
    }
  }
}
