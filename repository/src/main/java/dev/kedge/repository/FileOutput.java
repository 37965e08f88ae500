package dev.kedge.repository;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A data object in a file. Not thread-safe. */
final class FileOutput implements ObjectOutput {
  /** The JDK copies what is on the heap through a cached off-heap buffer: keep that small. */
  private static final int HEAP_PIECE_BYTES = 256 << 10;

  private final String name;
  private final Path file;
  private final FileOperations files;
  private final TargetErrors errors;
  private final FileChannel channel;
  private final BackgroundSync sync;
  private final DirectWrites direct;
  private long lengthBytes;

  FileOutput(String name, Path file, FileOperations files, TargetErrors errors) throws IOException {
    this.name = name;
    this.file = file;
    this.files = files;
    this.errors = errors;
    this.channel = files.createNew(file);
    this.sync = new BackgroundSync(channel);
    this.direct = files.directWrites(file);
  }

  @Override
  public void reserveHeader(int headerLengthBytes) {
    if (lengthBytes != 0) {
      throw new IllegalStateException("The header is reserved first");
    }
    lengthBytes = headerLengthBytes;
  }

  @Override
  public void append(ByteBuffer bytes, Part part) {
    int count = bytes.remaining();
    try {
      sync.throwIfFailed();
      int past = direct.write(bytes, lengthBytes);
      writeFully(bytes, lengthBytes + past);
      sync.written(count - past);
    } catch (IOException e) {
      throw errors.writing(name, e);
    }
    lengthBytes += count;
  }

  /** Appends a range of another file, in the kernel, which may share the blocks. */
  void copyFrom(Path other, long position, long count) {
    try (FileChannel source = FileChannel.open(other)) {
      sync.throwIfFailed();
      channel.position(lengthBytes);
      long done = 0;
      while (done < count) {
        long copied = source.transferTo(position + done, count - done, channel);
        if (copied <= 0) {
          throw new EOFException(other + " ends at byte " + (position + done));
        }
        done += copied;
      }
      sync.written(count);
    } catch (IOException e) {
      throw errors.writing(name, e);
    }
    lengthBytes += count;
  }

  @Override
  public void writeHeader(ByteBuffer header) {
    try {
      writeFully(header, 0);
    } catch (IOException e) {
      throw errors.writing(name, e);
    }
  }

  private void writeFully(ByteBuffer bytes, long position) throws IOException {
    int limit = bytes.limit();
    long at = position;
    while (bytes.position() < limit) {
      if (!bytes.isDirect()) {
        bytes.limit(Math.min(limit, bytes.position() + HEAP_PIECE_BYTES));
      }
      at += channel.write(bytes, at);
      bytes.limit(limit);
    }
  }

  @Override
  public long lengthBytes() {
    return lengthBytes;
  }

  @Override
  public void flush() {
    try {
      // Linux reports a failed write-back once: an error that the background call got must not
      // be followed by a success here.
      sync.finish();
      channel.force(true);
      files.syncFolder(DirectoryFolders.of(file));
    } catch (IOException e) {
      throw errors.writing(name, e);
    }
  }

  @Override
  public void close() {
    try (sync;
        direct) {
      channel.close();
    } catch (IOException e) {
      throw errors.writing(name, e);
    }
  }
}
