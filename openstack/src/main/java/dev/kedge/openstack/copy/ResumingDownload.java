package dev.kedge.openstack.copy;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * A download that goes on where its connection was dropped: starting anew would read hours of a
 * large volume again. For one thread.
 */
final class ResumingDownload extends InputStream {
  /** Opens the bytes from an offset on. */
  @FunctionalInterface
  interface Opener {
    InputStream open(long offset) throws IOException;
  }

  /** So often in a row without a byte in between. */
  private static final int MAX_ATTEMPTS = 5;

  private final long lengthBytes;
  private final Opener opener;
  private @Nullable InputStream current;
  private long position;
  private int attempts;

  ResumingDownload(long lengthBytes, Opener opener) {
    this.lengthBytes = lengthBytes;
    this.opener = opener;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    while (true) {
      try {
        int read = stream().read(bytes, offset, length);
        if (read < 0 && position < lengthBytes) {
          throw new EOFException("it ended after %d of %d bytes".formatted(position, lengthBytes));
        }
        if (read > 0) {
          position += read;
          attempts = 0;
        }
        return read;
      } catch (IOException e) {
        close();
        attempts++;
        if (attempts == MAX_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private InputStream stream() throws IOException {
    InputStream open = current;
    if (open == null) {
      open = opener.open(position);
      current = open;
    }
    return open;
  }

  @Override
  public void close() throws IOException {
    InputStream open = current;
    current = null;
    if (open != null) {
      open.close();
    }
  }
}
