package dev.kedge.repository;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/** A target that notes at which positions its objects are read. */
final class ReadCounter implements BackupTarget {
  private final BackupTarget target;
  private final List<Long> positions;

  ReadCounter(BackupTarget target, List<Long> positions) {
    this.target = target;
    this.positions = positions;
  }

  @Override
  public ObjectInput open(String name) {
    ObjectInput input = target.open(name);
    return new ObjectInput() {
      @Override
      public long lengthBytes() {
        return input.lengthBytes();
      }

      @Override
      public void readFully(long position, ByteBuffer dst) {
        positions.add(position);
        input.readFully(position, dst);
      }

      @Override
      public void close() {
        input.close();
      }
    };
  }

  @Override
  public String location() {
    return target.location();
  }

  @Override
  public void createLocation() {
    target.createLocation();
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
