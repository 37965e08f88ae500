package dev.kedge.engine.backup;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.ImageIdentity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A disk in memory, to have its source fail where a real one does not at will. */
final class MemoryDisk implements StreamSource {
  /** What it holds now. */
  byte[] content = new byte[0];

  /** What was made for backups, by name, and is still there. */
  final Map<String, byte[]> made = new HashMap<>();

  /** How many bytes come before the source breaks off; more than there are: it sends as much. */
  @Nullable Integer sends;

  /** Whether what was sent turns out to be something else. */
  boolean proofFails;

  /** Whether nothing can be removed. */
  boolean removalFails;

  /** Whether no snapshot can be taken, though one is left. */
  boolean snapshotFails;

  @Override
  public ImageIdentity identity() {
    return ImageIdentity.ofVolume("0b6a1c1e-6a0e-4d8a-9d59-3c2f5d0b7a11");
  }

  @Override
  public Instant takeSnapshot(String name) {
    made.put(name, content.clone());
    if (snapshotFails) {
      throw new KedgeException(ErrorCode.FAILED, "no snapshot today");
    }
    return Instant.EPOCH;
  }

  @Override
  public Content open(String name) {
    byte[] bytes = Objects.requireNonNull(made.get(name), name);
    int sent = sends == null ? bytes.length : sends;
    byte[] stream = new byte[sent];
    System.arraycopy(bytes, 0, stream, 0, Math.min(sent, bytes.length));
    return new Content() {
      // Pieces of odd lengths, as a network gives them.
      private final InputStream pieces =
          new ByteArrayInputStream(stream) {
            @Override
            public synchronized int read(byte[] into, int offset, int length) {
              return super.read(into, offset, Math.min(length, 10_007));
            }
          };

      @Override
      public long sizeBytes() {
        return bytes.length;
      }

      @Override
      public InputStream stream() {
        return pieces;
      }

      @Override
      public void prove() {
        if (proofFails) {
          throw new KedgeException(ErrorCode.FAILED, "it is something else");
        }
      }

      @Override
      public void close() {
        try {
          pieces.close();
        } catch (IOException e) {
          throw new AssertionError(e);
        }
      }
    };
  }

  @Override
  public void remove(String name) {
    if (removalFails && made.containsKey(name)) {
      throw new KedgeException(ErrorCode.BUSY, "it is in use");
    }
    made.remove(name);
  }
}
