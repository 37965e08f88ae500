package dev.kedge.engine.pipeline;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.ObjectInput;
import dev.kedge.repository.ObjectOutput;
import dev.kedge.repository.StoredObject;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A target of which data objects are read below a rate, all of them together; small objects and
 * writes go as they do. Nothing can be changed in place through it. Thread-safe.
 */
public final class ThrottledTarget implements BackupTarget {
  private final BackupTarget target;
  private final RateLimit limit;
  private final CancelToken cancel;

  /** Limits reads to so many bytes a second, above 0. */
  public ThrottledTarget(BackupTarget target, long bytesPerSecond, CancelToken cancel) {
    this.target = target;
    this.limit = new RateLimit(bytesPerSecond);
    this.cancel = cancel;
  }

  @Override
  public ObjectInput open(String name) {
    return new Input(target.open(name));
  }

  private final class Input implements ObjectInput {
    private final ObjectInput input;

    Input(ObjectInput input) {
      this.input = input;
    }

    @Override
    public long lengthBytes() {
      return input.lengthBytes();
    }

    @Override
    public void readFully(long offset, ByteBuffer destination) {
      acquire(destination.remaining());
      input.readFully(offset, destination);
    }

    @Override
    public void readOnce(long offset, ByteBuffer destination) {
      acquire(destination.remaining());
      input.readOnce(offset, destination);
    }

    @Override
    public int onceBlockBytes() {
      return input.onceBlockBytes();
    }

    private void acquire(int bytes) {
      try {
        // One reader at a time waits; the others wait for it.
        synchronized (limit) {
          limit.acquire(bytes, cancel);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new KedgeException(ErrorCode.INTERRUPTED, "stopped while reading", e);
      }
    }

    @Override
    public void close() {
      input.close();
    }
  }

  @Override
  public String location() {
    return target.location();
  }

  @Override
  public boolean isEncrypted() {
    return target.isEncrypted();
  }

  @Override
  public void createLocation() {
    target.createLocation();
  }

  @Override
  public Map<String, String> examine() {
    return target.examine();
  }

  @Override
  public boolean buffersWrites() {
    return target.buffersWrites();
  }

  @Override
  public int readers() {
    return target.readers();
  }

  @Override
  public boolean isEmpty() {
    return target.isEmpty();
  }

  @Override
  public ObjectOutput create(String name) {
    return target.create(name);
  }

  @Override
  public ObjectOutput createReplacement(String name) {
    return target.createReplacement(name);
  }

  @Override
  public byte[] readAll(String name, int maxBytes) {
    return target.readAll(name, maxBytes);
  }

  @Override
  public boolean putIfAbsent(String name, byte[] bytes) {
    return target.putIfAbsent(name, bytes);
  }

  @Override
  public void replace(String name, byte[] bytes) {
    target.replace(name, bytes);
  }

  @Override
  public void delete(String name) {
    target.delete(name);
  }

  @Override
  public List<StoredObject> list(String prefix) {
    return target.list(prefix);
  }

  @Override
  public List<String> folders(String prefix) {
    return target.folders(prefix);
  }

  @Override
  public OptionalLong length(String name) {
    return target.length(name);
  }

  @Override
  public List<String> sweep(String prefix, Instant modifiedBefore) {
    return target.sweep(prefix, modifiedBefore);
  }
}
