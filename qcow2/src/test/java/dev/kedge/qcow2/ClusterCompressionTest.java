package dev.kedge.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ClusterCompressionTest {
  private static final ClusterSize SIZE = new ClusterSize(16);

  @TempDir Path directory = Path.of("");

  @ParameterizedTest
  @EnumSource(names = {"ZSTD", "ZLIB"})
  void aClusterComesBackAsItWasInEverySize(Compression compression) throws DataFormatException {
    for (int bits = 12; bits <= 21; bits++) {
      ClusterSize size = new ClusterSize(bits);
      byte[] content = text(size.bytes());
      for (int room : new int[] {size.bytes(), ClusterCompressor.bufferBytes(size)}) {
        ByteBuffer packed = ByteBuffer.allocateDirect(room + 20).position(3);
        int length = compress(compression, size, content, packed);
        assertThat(length).isBetween(1, size.bytes() / 2);
        assertThat(packed.position()).isEqualTo(3 + length);
        // What follows in the last sector is not the payload's.
        packed.limit(Math.min(packed.capacity(), packed.position() + 100)).position(3);
        assertThat(decompress(compression, size, packed)).isEqualTo(content);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ZSTD", "ZLIB"})
  void noiseIsLeftAlone(Compression compression) {
    ByteBuffer packed = ByteBuffer.allocateDirect(ClusterCompressor.bufferBytes(SIZE));
    assertThat(compress(compression, SIZE, noise(SIZE.bytes(), 1), packed)).isEqualTo(-1);
    assertThat(packed.position()).isZero();
  }

  @ParameterizedTest
  @EnumSource(names = {"ZSTD", "ZLIB"})
  void aStoredFrameIsValid(Compression compression) throws DataFormatException {
    for (int bits = 12; bits <= 21; bits++) {
      ClusterSize size = new ClusterSize(bits);
      byte[] content = noise(size.bytes(), bits);
      ByteBuffer frame = new StoredFrame(compression, size).wrap(ByteBuffer.wrap(content));
      assertThat(frame.remaining() - size.bytes()).isBetween(1, 200);
      assertThat(decompress(compression, size, frame)).isEqualTo(content);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ZSTD", "ZLIB"})
  void damagedPayloadIsRefused(Compression compression) {
    ByteBuffer empty = ByteBuffer.allocateDirect(512);
    for (int i = 0; i < 512; i++) {
      empty.put(i, (byte) 0xff);
    }
    assertThatThrownBy(() -> decompress(compression, SIZE, empty))
        .isInstanceOf(DataFormatException.class);

    ByteBuffer packed = ByteBuffer.allocateDirect(ClusterCompressor.bufferBytes(SIZE));
    ClusterSize half = new ClusterSize(15);
    compress(compression, half, text(half.bytes()), packed);
    assertThatThrownBy(() -> decompress(compression, SIZE, packed.flip()))
        .as("shorter than a cluster")
        .isInstanceOf(DataFormatException.class);
  }

  /** Each 4 KiB can be inflated by a fresh inflater, so no distance is longer than that. */
  @Test
  void deflateNeverReachesBackBeyondTwelveBits() throws DataFormatException {
    byte[] content = noise(4096, 3);
    byte[] repeated = new byte[SIZE.bytes()];
    for (int i = 0; i < repeated.length; i += 1365) {
      System.arraycopy(content, 0, repeated, i, Math.min(1365, repeated.length - i));
    }
    ByteBuffer packed = ByteBuffer.allocateDirect(SIZE.bytes());
    int length = compress(Compression.ZLIB, SIZE, repeated, packed);
    byte[] stream = new byte[length];
    packed.get(0, stream);
    int at = 0;
    for (int piece = 0; piece < repeated.length; piece += 4096) {
      byte[] inflated = new byte[4096];
      at = inflatePiece(stream, at, inflated);
      assertThat(inflated).isEqualTo(Arrays.copyOfRange(repeated, piece, piece + 4096));
    }
  }

  /** Feeds byte by byte until the piece is whole, then skips to behind the flush marker. */
  private static int inflatePiece(byte[] stream, int start, byte[] piece)
      throws DataFormatException {
    int at = start;
    try (Inflater inflater = new Inflater(true)) {
      int filled = 0;
      while (filled < piece.length) {
        inflater.setInput(stream, at++, 1);
        filled += inflater.inflate(piece, filled, piece.length - filled);
      }
    }
    byte[] marker = {0, 0, -1, -1};
    while (at + 4 <= stream.length && !Arrays.equals(stream, at, at + 4, marker, 0, 4)) {
      at++;
    }
    return at + 4;
  }

  /** Aligning every incompressible cluster would waste a quarter of this file. */
  @ParameterizedTest
  @EnumSource(names = {"ZSTD", "ZLIB"})
  void alternatingNoiseAndTextWastesLittle(Compression compression) throws IOException {
    int clusters = 400;
    WriterOptions options =
        new WriterOptions((long) clusters * SIZE.bytes(), SIZE, compression, null);
    long payload = 0;
    WriterSummary summary;
    try (FileOutput out = new FileOutput(directory.resolve("a.qcow2"));
        ClusterCompressor compressor = ClusterCompressor.create(compression, SIZE)) {
      Qcow2Writer writer = new Qcow2Writer(out, options);
      ByteBuffer cluster = ByteBuffer.allocateDirect(SIZE.bytes());
      ByteBuffer packed = ByteBuffer.allocateDirect(ClusterCompressor.bufferBytes(SIZE));
      for (int i = 0; i < clusters; i++) {
        byte[] content = noise(SIZE.bytes(), i);
        Arrays.fill(
            content,
            i % 2 == 0 ? 0 : content.length / 2,
            i % 2 == 0 ? 0 : content.length,
            (byte) 1);
        int length = compressor.compress(cluster.clear().put(content).flip(), packed.clear());
        long guest = (long) i * SIZE.bytes();
        if (length < 0) {
          writer.writeData(guest, cluster.clear());
        } else {
          writer.writeCompressed(guest, packed.flip());
        }
        payload += length < 0 ? SIZE.bytes() : length;
      }
      summary = writer.finish();
    }
    assertThat(summary.fileLengthBytes()).isLessThan(payload + payload / 50 + (8L << 16));
    assertThat(summary.storedClusters()).isGreaterThan(clusters / 3);
    new QemuImg(directory).check("a.qcow2");
  }

  @Test
  void aLongRunOfNoiseIsPlain() throws IOException {
    int clusters = 300;
    MemoryFile out = new MemoryFile();
    Qcow2Writer writer =
        new Qcow2Writer(
            out, new WriterOptions((clusters + 1L) * SIZE.bytes(), SIZE, Compression.ZSTD, null));
    ByteBuffer packed = ByteBuffer.allocateDirect(ClusterCompressor.bufferBytes(SIZE));
    compress(Compression.ZSTD, SIZE, text(SIZE.bytes()), packed);
    writer.writeCompressed(0, packed.flip());
    for (int i = 1; i <= clusters; i++) {
      writer.writeData((long) i * SIZE.bytes(), ByteBuffer.wrap(noise(SIZE.bytes(), i)));
    }
    WriterSummary summary = writer.finish();
    assertThat(summary.storedClusters()).isLessThan(10);
    assertThat(summary.dataClusters()).isGreaterThan(clusters - 10);
  }

  private static int compress(
      Compression compression, ClusterSize size, byte[] content, ByteBuffer packed) {
    try (ClusterCompressor compressor = ClusterCompressor.create(compression, size)) {
      ByteBuffer cluster = ByteBuffer.allocateDirect(content.length).put(content).flip();
      int length = compressor.compress(cluster, packed);
      assertThat(cluster.hasRemaining()).as("consumed").isFalse();
      return length;
    }
  }

  private static byte[] decompress(Compression compression, ClusterSize size, ByteBuffer packed)
      throws DataFormatException {
    try (ClusterDecompressor decompressor = ClusterDecompressor.create(compression)) {
      ByteBuffer cluster = ByteBuffer.allocateDirect(size.bytes());
      decompressor.decompress(packed, cluster);
      assertThat(cluster.hasRemaining()).as("filled").isFalse();
      byte[] content = new byte[size.bytes()];
      cluster.get(0, content);
      return content;
    }
  }

  private static byte[] noise(int length, long seed) {
    byte[] content = new byte[length];
    new Random(seed).nextBytes(content);
    return content;
  }

  private static byte[] text(int length) {
    byte[] content = new byte[length];
    for (int i = 0; i < length; i++) {
      content[i] = (byte) ("the anchor holds ".charAt(i % 17) + i / 977);
    }
    return content;
  }
}
