package dev.kedge.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/** What a guest should see, held in memory, and a way to write random layers of it. */
final class GuestModel {
  private byte[] content;

  GuestModel(int sizeBytes) {
    this.content = new byte[sizeBytes];
  }

  byte[] content() {
    return content;
  }

  /** A larger or smaller disk; what is added is zero. */
  void resize(int sizeBytes) {
    content = Arrays.copyOf(content, sizeBytes);
  }

  /** The bytes as qemu-img wants to compare them: whole sectors. */
  void writeRaw(Path path) throws IOException {
    Files.write(path, Arrays.copyOf(content, (content.length + 511) & -512));
  }

  /** Changes clusters at random and writes the changes as one layer. */
  WriterSummary writeLayer(AppendOutput out, WriterOptions options, Random random)
      throws IOException {
    Qcow2Writer writer = new Qcow2Writer(out, options);
    writeChanges(writer, options.clusterSize(), options.compression(), random);
    return writer.finish();
  }

  /** Changes clusters at random and writes the changes. */
  void writeChanges(ClusterWriter writer, ClusterSize size, Compression compression, Random random)
      throws IOException {
    boolean packs = compression != Compression.NONE;
    try (ClusterCompressor compressor =
        packs ? ClusterCompressor.create(compression, size) : null) {
      int at = 0;
      while (at < content.length) {
        int run = size.bytes() * (1 + random.nextInt(random.nextInt(4) == 0 ? 40 : 3));
        int length = Math.min(run, content.length - at);
        switch (random.nextInt(4)) {
          case 0 -> {
            Arrays.fill(content, at, at + length, (byte) 0);
            writer.writeZeroes(at, length);
          }
          case 1 -> writeRun(writer, compressor, size, at, length, random);
          case 2 -> writeRun(writer, null, size, at, length, random);
          default -> {}
        }
        at += length;
      }
    }
  }

  private void writeRun(
      ClusterWriter writer,
      @org.jspecify.annotations.Nullable ClusterCompressor compressor,
      ClusterSize size,
      int at,
      int length,
      Random random)
      throws IOException {
    fill(at, length, random);
    ByteBuffer data = ByteBuffer.allocateDirect((int) size.roundUp(length));
    data.put(content, at, length).clear();
    if (compressor == null) {
      writer.writeData(at, data);
      return;
    }
    ByteBuffer packed = ByteBuffer.allocateDirect(ClusterCompressor.bufferBytes(size));
    for (int i = 0; i < data.capacity(); i += size.bytes()) {
      int written = compressor.compress(data.slice(i, size.bytes()), packed.clear());
      if (written < 0) {
        writer.writeData(at + i, data.slice(i, size.bytes()));
      } else {
        writer.writeCompressed(at + i, packed.flip());
      }
    }
  }

  /** Half the pieces are noise, half are repetitive. */
  private void fill(int at, int length, Random random) {
    for (int i = at; i < at + length; i += 4096) {
      byte[] piece = new byte[Math.min(4096, at + length - i)];
      if (random.nextBoolean()) {
        random.nextBytes(piece);
      } else {
        Arrays.fill(piece, (byte) random.nextInt());
        piece[random.nextInt(piece.length)] = (byte) random.nextInt();
      }
      System.arraycopy(piece, 0, content, i, piece.length);
    }
  }
}
