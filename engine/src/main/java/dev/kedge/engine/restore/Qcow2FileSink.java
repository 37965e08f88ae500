package dev.kedge.engine.restore;

import dev.kedge.engine.plan.ClusterSizeChoice;
import dev.kedge.qcow2.AppendOutput;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.qcow2.Qcow2Writer;
import dev.kedge.qcow2.WriterOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** A QCOW2 file that stands alone: the whole chain flattened into one. */
final class Qcow2FileSink implements RestoreSink {
  private final PartialFile file;
  private final ClusterSize clusterSize;
  private final Qcow2Writer writer;
  private final ByteBuffer lastCluster;

  Qcow2FileSink(Path path, long sizeBytes) throws IOException {
    this.clusterSize = ClusterSizeChoice.forImage(sizeBytes);
    this.lastCluster = ByteBuffer.allocateDirect(granuleBytes());
    this.file = new PartialFile(path);
    try {
      this.writer =
          new Qcow2Writer(
              new ChannelOutput(file.channel()),
              new WriterOptions(sizeBytes, clusterSize, Compression.NONE, null));
    } catch (Throwable e) {
      file.close();
      throw e;
    }
  }

  @Override
  public int granuleBytes() {
    return clusterSize.bytes();
  }

  @Override
  public void data(long offset, MemorySegment bytes, Runnable whenWritten) throws IOException {
    try {
      long whole = bytes.byteSize() / granuleBytes() * granuleBytes();
      if (whole > 0) {
        writer.writeData(offset, bytes.asSlice(0, whole).asByteBuffer());
      }
      if (whole < bytes.byteSize()) {
        // The image ends inside this cluster: the buffer is fresh, so its rest is zero.
        lastCluster.clear().put(bytes.asSlice(whole).asByteBuffer()).clear();
        writer.writeData(offset + whole, lastCluster);
      }
    } finally {
      whenWritten.run();
    }
  }

  @Override
  public void hole(long offset, long lengthBytes) {}

  @Override
  public void commit() throws IOException {
    writer.finish();
    file.commit();
  }

  @Override
  public void close() {
    file.close();
  }

  /** Appends to a file's channel from its start. */
  private static final class ChannelOutput implements AppendOutput {
    private final FileChannel channel;

    ChannelOutput(FileChannel channel) {
      this.channel = channel;
    }

    @Override
    public void reserveHeader(int lengthBytes) throws IOException {
      channel.position(lengthBytes);
    }

    @Override
    public void append(ByteBuffer bytes, Part part) throws IOException {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    @Override
    public void writeHeader(ByteBuffer header) throws IOException {
      long at = 0;
      while (header.hasRemaining()) {
        at += channel.write(header, at);
      }
    }
  }
}
