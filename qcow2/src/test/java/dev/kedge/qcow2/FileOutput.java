package dev.kedge.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.Map;

/** A file as output, which holds the writer to the contract and counts what it gets. */
final class FileOutput implements AppendOutput, AutoCloseable {
  private final FileChannel channel;
  private final Map<Part, Long> bytes = new EnumMap<>(Part.class);
  private int headerBytes;
  private boolean headerWritten;
  private int calls;

  FileOutput(Path path) throws IOException {
    this.channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
  }

  @Override
  public void reserveHeader(int lengthBytes) throws IOException {
    assertThat(headerBytes).as("reserved once").isZero();
    headerBytes = lengthBytes;
    channel.position(lengthBytes);
  }

  @Override
  public void append(ByteBuffer source, Part part) throws IOException {
    assertThat(headerBytes).as("reserved first").isPositive();
    assertThat(headerWritten).as("header last").isFalse();
    assertThat(source.hasRemaining()).as("something to append").isTrue();
    bytes.merge(part, (long) source.remaining(), Long::sum);
    calls++;
    while (source.hasRemaining()) {
      channel.write(source);
    }
  }

  @Override
  public void writeHeader(ByteBuffer header) throws IOException {
    assertThat(header.remaining()).isEqualTo(headerBytes);
    assertThat(headerWritten).isFalse();
    headerWritten = true;
    channel.write(header, 0);
  }

  long bytes(Part part) {
    return bytes.getOrDefault(part, 0L);
  }

  int calls() {
    return calls;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
