package dev.kedge.repository.crypt;

import dev.kedge.qcow2.AppendOutput.Part;
import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.ObjectInput;
import dev.kedge.repository.ObjectOutput;
import dev.kedge.repository.RepositoryInfo;
import dev.kedge.repository.StoredObject;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A target whose objects lie encrypted on another one, all but kedge.json and its copy. Names,
 * times and, nearly, lengths are those of the other target; lengths are told without what
 * encryption adds. Besides what a target throws, reading an object that is not as it was written
 * under its name is a KedgeException with VERIFICATION_FAILED. Thread-safe.
 */
public final class EncryptedTarget implements BackupTarget {
  /** The size of frames in new repositories; see docs/performance.md. */
  public static final int FRAME_BYTES = 64 << 10;

  /** Enough for a table, data and checksums of each layer in a chain of thirty, 4 MiB. */
  private static final int CACHED_BYTES = 4 << 20;

  private final BackupTarget target;
  private final RepositoryKey key;
  private final FrameLayout layout;
  private final FrameCache cache;
  private final Workspace.Pool workspaces;
  private final SecureRandom random = new SecureRandom();

  /** Everything on the given target, by its repository's key and frame size. */
  public EncryptedTarget(BackupTarget target, RepositoryKey key, int frameBytes) {
    this.target = target;
    this.key = key;
    this.layout = new FrameLayout(frameBytes);
    this.cache = new FrameCache(CACHED_BYTES / frameBytes, frameBytes);
    this.workspaces = new Workspace.Pool(layout);
  }

  private static boolean isPlain(String name) {
    return name.equals(RepositoryInfo.NAME) || name.equals(RepositoryInfo.COPY);
  }

  @Override
  public String location() {
    return target.location();
  }

  @Override
  public boolean isEncrypted() {
    return true;
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
    requireEncrypted(name);
    return encrypting(name, target.create(name));
  }

  @Override
  public ObjectOutput createReplacement(String name) {
    requireEncrypted(name);
    return encrypting(name, target.createReplacement(name));
  }

  private EncryptedOutput encrypting(String name, ObjectOutput output) {
    ObjectHeader header = ObjectHeader.create(name, layout.frameBytes(), random);
    return new EncryptedOutput(output, header, key, layout, workspaces);
  }

  @Override
  public ObjectInput open(String name) {
    requireEncrypted(name);
    ObjectInput input = target.open(name);
    try {
      return decrypting(name, input);
    } catch (RuntimeException e) {
      input.close();
      throw e;
    }
  }

  private EncryptedInput decrypting(String name, ObjectInput input) {
    return new EncryptedInput(name, input, key, layout, cache, workspaces);
  }

  private static void requireEncrypted(String name) {
    if (isPlain(name)) {
      throw new IllegalArgumentException(name + " is never encrypted, and a small object");
    }
  }

  @Override
  public byte[] readAll(String name, int maxBytes) {
    if (isPlain(name)) {
      return target.readAll(name, maxBytes);
    }
    int maxStored = (int) Math.min(Integer.MAX_VALUE, layout.storedBytes(maxBytes));
    byte[] stored = target.readAll(name, maxStored);
    try (ObjectInput input = decrypting(name, new MemoryObject.Input(stored))) {
      byte[] bytes = new byte[Math.toIntExact(input.lengthBytes())];
      input.readFully(0, ByteBuffer.wrap(bytes));
      return bytes;
    }
  }

  @Override
  public boolean putIfAbsent(String name, byte[] bytes) {
    return target.putIfAbsent(name, encrypted(name, bytes));
  }

  @Override
  public void replace(String name, byte[] bytes) {
    target.replace(name, encrypted(name, bytes));
  }

  private byte[] encrypted(String name, byte[] bytes) {
    if (isPlain(name)) {
      return bytes;
    }
    MemoryObject.Output gathered = new MemoryObject.Output();
    try (ObjectOutput output = encrypting(name, gathered)) {
      output.append(ByteBuffer.wrap(bytes), Part.TABLES);
      output.flush();
    }
    return gathered.toBytes();
  }

  @Override
  public void delete(String name) {
    target.delete(name);
  }

  @Override
  public List<StoredObject> list(String prefix) {
    return target.list(prefix).stream()
        .map(o -> new StoredObject(o.name(), length(o.name(), o.lengthBytes()), o.modifiedAt()))
        .toList();
  }

  @Override
  public List<String> folders(String prefix) {
    return target.folders(prefix);
  }

  @Override
  public OptionalLong length(String name) {
    OptionalLong stored = target.length(name);
    return stored.isEmpty() ? stored : OptionalLong.of(length(name, stored.getAsLong()));
  }

  /** An object that is cut short is told as empty: what it holds cannot be read. */
  private long length(String name, long storedBytes) {
    return isPlain(name) ? storedBytes : Math.max(0, layout.contentBytes(storedBytes));
  }

  @Override
  public boolean exists(String name) {
    return target.exists(name);
  }

  @Override
  public List<String> sweep(String prefix, Instant modifiedBefore) {
    return target.sweep(prefix, modifiedBefore);
  }

  @Override
  public String toString() {
    return location();
  }
}
