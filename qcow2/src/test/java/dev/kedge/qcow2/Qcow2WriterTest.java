package dev.kedge.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The writer's own rules. */
class Qcow2WriterTest {
  private static final ClusterSize SIZE = new ClusterSize(12);

  private static Qcow2Writer writer(Compression compression) throws IOException {
    return new Qcow2Writer(new MemoryFile(), new WriterOptions(20_000, SIZE, compression, null));
  }

  @Test
  void offsetsAscendAndAreAligned() throws IOException {
    Qcow2Writer writer = writer(Compression.NONE);
    writer.writeData(4096, ByteBuffer.allocate(8192));
    for (long offset : new long[] {0, 4096, 8192, 12_289, 20_480, -4096}) {
      assertThatThrownBy(() -> writer.writeData(offset, ByteBuffer.allocate(4096)))
          .as("%d", offset)
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> writer.writeZeroes(offset, 4096))
          .isInstanceOf(IllegalArgumentException.class);
    }
    writer.writeData(16_384, ByteBuffer.allocate(4096));
  }

  @Test
  void onlyWholeClustersAreTaken() throws IOException {
    Qcow2Writer writer = writer(Compression.ZSTD);
    for (int length : new int[] {0, 1, 4095, 4097, 24_576}) {
      assertThatThrownBy(() -> writer.writeData(0, ByteBuffer.allocate(length)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (int length : new int[] {0, 4096}) {
      assertThatThrownBy(() -> writer.writeCompressed(0, ByteBuffer.allocate(length)))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> writer(Compression.NONE).writeCompressed(0, ByteBuffer.allocate(9)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> writer.writeZeroes(0, 100))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aFinishedWriterTakesNothingMore() throws IOException {
    Qcow2Writer writer = writer(Compression.NONE);
    writer.finish();
    assertThatThrownBy(() -> writer.writeData(0, ByteBuffer.allocate(4096)))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(writer::finish).isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @CsvSource({"12,8192", "13,32768", "16,2097152"})
  void anImageWhoseL1TableQemuWouldNotOpenIsRefused(int bits, long gibibytes) {
    ClusterSize size = new ClusterSize(bits);
    long largest = gibibytes << 30;
    new WriterOptions(largest, size, Compression.NONE, null);
    assertThatThrownBy(() -> new WriterOptions(largest + 1, size, Compression.NONE, null))
        .isInstanceOfSatisfying(
            KedgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED))
        .hasMessageContaining("cluster size of at least");
  }

  @ParameterizedTest
  @CsvSource({"0,12", "1,12", "219902325555200,15", "8000000000000,12", "8796093022208,13"})
  void theSmallestClusterSizeHoldsTheImage(long sizeBytes, int bits) {
    assertThat(ClusterSize.smallestFor(sizeBytes).bits()).isEqualTo(bits);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 512, 2048, 5000, 1L << 22, Long.MIN_VALUE})
  void anOddClusterSizeIsRefused(long bytes) {
    assertThatThrownBy(() -> ClusterSize.of(bytes))
        .isInstanceOfSatisfying(
            KedgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE));
  }
}
