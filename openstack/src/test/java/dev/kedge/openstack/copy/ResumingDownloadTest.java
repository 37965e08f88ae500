package dev.kedge.openstack.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class ResumingDownloadTest {
  private final SplittableRandom random = new SplittableRandom(20261125);
  private final byte[] whole = new byte[100_000];
  private int opened;

  ResumingDownloadTest() {
    random.nextBytes(whole);
  }

  /** The bytes from there on, of which at most so many come before the connection is dropped. */
  private InputStream dropping(long offset, int bytes, boolean silently) {
    opened++;
    int end = (int) Math.min(whole.length, offset + bytes);
    InputStream part = new ByteArrayInputStream(Arrays.copyOfRange(whole, (int) offset, end));
    return new InputStream() {
      @Override
      public int read() throws IOException {
        throw new AssertionError("one by one");
      }

      @Override
      public int read(byte[] into, int at, int length) throws IOException {
        int read = part.read(into, at, length);
        if (read < 0 && end < whole.length && !silently) {
          throw new IOException("connection reset");
        }
        return read;
      }
    };
  }

  @Test
  void droppedConnectionsAreTakenUpWhereTheyEnded() throws IOException {
    for (boolean silently : new boolean[] {true, false}) {
      opened = 0;
      try (InputStream download =
          new ResumingDownload(
              whole.length, offset -> dropping(offset, 1 + random.nextInt(20_000), silently))) {
        assertThat(download.readAllBytes()).isEqualTo(whole);
      }
      assertThat(opened).isGreaterThan(5);
    }
  }

  @Test
  void oneThatGivesNothingIsGivenUp() throws IOException {
    try (InputStream download =
        new ResumingDownload(whole.length, offset -> dropping(offset, 0, true))) {
      assertThatThrownBy(download::readAllBytes)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("0 of 100000 bytes");
    }
    assertThat(opened).isEqualTo(5);
  }
}
