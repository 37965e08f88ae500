package dev.kedge.openstack.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class WatchedStreamTest {
  private static final Duration FOR_EVER = Duration.ofDays(1);

  private final CancelToken cancel = new CancelToken();

  /** An answer that hangs until it is closed, as the JDK's do. */
  private static final class Hanging extends InputStream {
    private final CountDownLatch closed = new CountDownLatch(1);
    private final CountDownLatch read = new CountDownLatch(1);

    @Override
    public int read() throws IOException {
      return read(new byte[1], 0, 1);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      read.countDown();
      try {
        closed.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      throw new IOException("closed");
    }

    @Override
    public void close() {
      closed.countDown();
    }
  }

  @Test
  void whatComesIsPassedOn() throws IOException {
    byte[] bytes = {1, 2, 3, -1};
    try (var stream = new WatchedStream(new ByteArrayInputStream(bytes), FOR_EVER, cancel)) {
      assertThat(stream.read()).isEqualTo(1);
      assertThat(stream.readAllBytes()).containsExactly(2, 3, -1);
      assertThat(stream.read()).isNegative();
    }
  }

  @Test
  void anAnswerThatHangsIsGivenUp() throws IOException {
    try (var stream = new WatchedStream(new Hanging(), Duration.ofMillis(1), cancel)) {
      assertThatThrownBy(stream::read)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("nothing came");
    }
  }

  @Test
  void aWishToStopEndsTheWait() throws Exception {
    Hanging hanging = new Hanging();
    Thread.ofVirtual()
        .start(() -> {
          try {
            hanging.read.await();
            cancel.cancel();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    try (var stream = new WatchedStream(hanging, FOR_EVER, cancel)) {
      assertThatThrownBy(stream::read)
          .isInstanceOfSatisfying(
              KedgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED));
    }
  }
}
