package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * A target whose process dies at its k-th operation that changes something, before or after it took
 * effect: that one and all later ones fail. It can also run something just before an operation, and
 * make objects look old.
 */
final class FaultyTarget implements BackupTarget {
  private final BackupTarget target;
  private final int crashAt;
  private final boolean afterEffect;
  private final List<String> aged = new ArrayList<>();
  private Runnable beforePut = () -> {};
  private boolean unreachable;
  private int count;

  FaultyTarget(BackupTarget target) {
    this(target, Integer.MAX_VALUE, false);
  }

  FaultyTarget(BackupTarget target, int crashAt, boolean afterEffect) {
    this.target = target;
    this.crashAt = crashAt;
    this.afterEffect = afterEffect;
  }

  boolean crashed() {
    return count >= crashAt;
  }

  /** Runs once, just before the next putIfAbsent. */
  void beforeNextPut(Runnable action) {
    beforePut = action;
  }

  void setUnreachable(boolean value) {
    unreachable = value;
  }

  /** Objects whose names hold this text look 30 days old. */
  void age(String part) {
    aged.add(part);
  }

  private <T> T change(Supplier<T> operation) {
    count++;
    if (count == crashAt && afterEffect) {
      var _ = operation.get();
    }
    return read(operation);
  }

  private <T> T read(Supplier<T> operation) {
    if (count >= crashAt || unreachable) {
      throw new KedgeException(ErrorCode.TARGET_UNREACHABLE, "crashed");
    }
    return operation.get();
  }

  private void changeOnly(Runnable operation) {
    Boolean _ =
        change(() -> {
          operation.run();
          return true;
        });
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
    changeOnly(target::createLocation);
  }

  @Override
  public Map<String, String> examine() {
    return read(target::examine);
  }

  @Override
  public boolean isEmpty() {
    return read(target::isEmpty);
  }

  @Override
  public ObjectOutput create(String name) {
    return new Output(change(() -> target.create(name)));
  }

  @Override
  public ObjectInput open(String name) {
    return read(() -> target.open(name));
  }

  @Override
  public byte[] readAll(String name, int maxBytes) {
    return read(() -> target.readAll(name, maxBytes));
  }

  @Override
  public boolean putIfAbsent(String name, byte[] bytes) {
    Runnable before = beforePut;
    beforePut = () -> {};
    before.run();
    return change(() -> target.putIfAbsent(name, bytes));
  }

  @Override
  public void replace(String name, byte[] bytes) {
    changeOnly(() -> target.replace(name, bytes));
  }

  @Override
  public void delete(String name) {
    changeOnly(() -> target.delete(name));
  }

  @Override
  public List<StoredObject> list(String prefix) {
    return read(() -> target.list(prefix)).stream().map(this::asAged).toList();
  }

  private StoredObject asAged(StoredObject object) {
    if (aged.stream().noneMatch(object.name()::contains)) {
      return object;
    }
    Instant old = object.modifiedAt().minus(Duration.ofDays(30));
    return new StoredObject(object.name(), object.lengthBytes(), old);
  }

  @Override
  public List<String> folders(String prefix) {
    return read(() -> target.folders(prefix));
  }

  @Override
  public OptionalLong length(String name) {
    return read(() -> target.length(name));
  }

  @Override
  public List<String> sweep(String prefix, Instant modifiedBefore) {
    return change(() -> target.sweep(prefix, modifiedBefore));
  }

  private final class Output implements ObjectOutput {
    private final ObjectOutput output;

    Output(ObjectOutput output) {
      this.output = output;
    }

    @Override
    public void reserveHeader(int lengthBytes) {
      output.reserveHeader(lengthBytes);
    }

    @Override
    public void append(ByteBuffer bytes, Part part) {
      changeOnly(() -> output.append(bytes, part));
    }

    @Override
    public void writeHeader(ByteBuffer header) {
      changeOnly(() -> output.writeHeader(header));
    }

    @Override
    public long lengthBytes() {
      return output.lengthBytes();
    }

    @Override
    public void flush() {
      changeOnly(output::flush);
    }

    @Override
    public void close() {
      output.close();
    }
  }
}
