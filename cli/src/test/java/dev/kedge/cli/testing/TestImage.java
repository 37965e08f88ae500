package dev.kedge.cli.testing;

import dev.kedge.ceph.ImageSpec;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.Snapshot;
import dev.kedge.ceph.testing.LabCeph;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * An image of which the test knows every byte: what is written to it is kept beside it in memory.
 * Not thread-safe.
 */
public final class TestImage {
  private static final int SECTOR_BYTES = 512;

  private final LabCeph lab;
  private final RbdPool pool;
  private final String name;
  private byte[] content;

  private TestImage(LabCeph lab, RbdPool pool, String name, int sizeBytes) {
    this.lab = lab;
    this.pool = pool;
    this.name = name;
    this.content = new byte[sizeBytes];
  }

  /** A new image of 1 MiB objects in the shared pool; it is removed when the lab is closed. */
  public static TestImage create(LabCeph lab, int sizeBytes) {
    return create(lab, lab.pool(), ImageSpec.ofSize(sizeBytes).withOrder(20));
  }

  /** A new image; it is removed when the lab is closed. */
  public static TestImage create(LabCeph lab, RbdPool pool, ImageSpec spec) {
    String name = lab.image(pool, spec);
    return new TestImage(lab, pool, name, Math.toIntExact(spec.sizeBytes()));
  }

  /**
   * The same under another name, given by {@code rbd}: the words before the two names, as in {@code
   * deep cp}. It is removed when the lab is closed.
   */
  public TestImage movedBy(RbdPool where, String... words) {
    String newName = lab.removeLater(where, LabCeph.uniqueName("moved"));
    TestImage moved = new TestImage(lab, where, newName, content.length);
    moved.content = content.clone();
    List<String> command = new ArrayList<>(List.of(words));
    command.addAll(List.of(spec(), moved.spec()));
    lab.rbd(command.toArray(String[]::new));
    return moved;
  }

  /** Removes it with its snapshots. */
  public void remove() {
    removeSnapshots();
    pool.remove(name);
  }

  /** Its name in its pool. */
  public String name() {
    return name;
  }

  /** As {@code rbd} calls it. */
  public String spec() {
    String namespace = pool.namespace();
    return pool.name() + "/" + (namespace.isEmpty() ? "" : namespace + "/") + name;
  }

  /** As {@code kedge} calls it. */
  public String location() {
    return "rbd:" + spec();
  }

  /** What it holds. */
  public byte[] content() {
    return content.clone();
  }

  /** The hash of what it holds. */
  public String sha256() {
    return Hashes.sha256(content);
  }

  /** Writes. */
  public void write(int offset, byte[] bytes) {
    try (RbdImage image = pool.open(name);
        Arena arena = Arena.ofConfined()) {
      write(image, arena, offset, bytes);
    }
  }

  /** Makes a range read as zeroes. */
  public void zero(int offset, int lengthBytes) {
    try (RbdImage image = pool.open(name)) {
      zero(image, offset, lengthBytes);
    }
  }

  /** Fills a range with what no compression makes smaller. */
  public void fill(RandomGenerator random, int offset, int lengthBytes) {
    byte[] bytes = new byte[lengthBytes];
    random.nextBytes(bytes);
    write(offset, bytes);
  }

  /** A few writes and discards of whole sectors, here and there. */
  public void scribble(RandomGenerator random, int times) {
    try (RbdImage image = pool.open(name);
        Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < times; i++) {
        int lengthBytes = (1 + random.nextInt(96)) * SECTOR_BYTES;
        int offset = random.nextInt((content.length - lengthBytes) / SECTOR_BYTES) * SECTOR_BYTES;
        if (random.nextInt(4) == 0) {
          zero(image, offset, lengthBytes);
        } else {
          write(image, arena, offset, someBytes(random, lengthBytes));
        }
      }
    }
  }

  // Half of them compress well.
  private static byte[] someBytes(RandomGenerator random, int lengthBytes) {
    byte[] bytes = new byte[lengthBytes];
    if (random.nextBoolean()) {
      random.nextBytes(bytes);
    } else {
      Arrays.fill(bytes, (byte) (1 + random.nextInt(255)));
    }
    return bytes;
  }

  private void write(RbdImage image, Arena arena, int offset, byte[] bytes) {
    MemorySegment segment = arena.allocate(bytes.length);
    MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
    image.write(offset, segment);
    System.arraycopy(bytes, 0, content, offset, bytes.length);
  }

  private void zero(RbdImage image, int offset, int lengthBytes) {
    image.writeZeroesAsync(offset, lengthBytes).await();
    Arrays.fill(content, offset, offset + lengthBytes, (byte) 0);
  }

  /** Grows or shrinks it. */
  public void resize(int sizeBytes) {
    try (RbdImage image = pool.open(name)) {
      image.resize(sizeBytes);
    }
    content = Arrays.copyOf(content, sizeBytes);
  }

  /** Removes it with its snapshots, and makes an empty one of the same name. */
  public void recreate() {
    removeSnapshots();
    pool.remove(name);
    pool.create(name, ImageSpec.ofSize(content.length).withOrder(20));
    content = new byte[content.length];
  }

  /** The names of its snapshots. */
  public List<String> snapshots() {
    try (RbdImage image = pool.openReadOnly(name, null)) {
      return image.snapshots().stream().map(Snapshot::name).toList();
    }
  }

  /** Removes all its snapshots. */
  public void removeSnapshots() {
    try (RbdImage image = pool.open(name)) {
      image.snapshots().forEach(snapshot -> image.removeSnapshot(snapshot.name()));
    }
  }

  /** The hash of another image in the same pool, as rbd reads it. */
  public String sha256Of(String otherImage) {
    return Hashes.sha256(
        lab.export(spec().substring(0, spec().length() - name.length()) + otherImage));
  }

  /** The pool it is in. */
  public RbdPool pool() {
    return pool;
  }
}
