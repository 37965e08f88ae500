package dev.kedge.qcow2;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file as input; counts the bytes read. */
final class FileInput implements RandomAccessInput, AutoCloseable {
  private final FileChannel channel;
  private long bytesRead;

  FileInput(Path path) throws IOException {
    this.channel = FileChannel.open(path);
  }

  @Override
  public long lengthBytes() throws IOException {
    return channel.size();
  }

  @Override
  public void readFully(long position, ByteBuffer dst) throws IOException {
    bytesRead += dst.remaining();
    long at = position;
    while (dst.hasRemaining()) {
      int read = channel.read(dst, at);
      if (read < 0) {
        throw new EOFException("at " + at);
      }
      at += read;
    }
  }

  long bytesRead() {
    return bytesRead;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Opens the files of a directory and closes them all at the end. */
  static final class Directory implements FileOpener, AutoCloseable {
    private final Path directory;
    private final List<FileInput> open = new ArrayList<>();

    Directory(Path directory) {
      this.directory = directory;
    }

    @Override
    public RandomAccessInput open(String relativeName) throws IOException {
      FileInput input = new FileInput(directory.resolve(relativeName));
      open.add(input);
      return input;
    }

    @Override
    public void close() {
      open.forEach(FileInput::close);
    }
  }
}
