package dev.kedge.engine.testing;

import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.repository.DirectoryTarget;
import dev.kedge.repository.ImageIdentity;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Repository;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A chain of restore points in a directory, of layers of any cluster size and length, with the
 * content that the newest must read as.
 */
public final class StoredChain {
  private static final int SECTOR_BYTES = 512;
  private static final ImageIdentity IDENTITY =
      new ImageIdentity("9d2b9c1e-0000-4000-8000-000000000000", "pool", "", "image");

  private final ImageStore store;
  private final Map<UUID, byte[]> contents = new HashMap<>();
  private byte[] content = new byte[0];
  private @Nullable Manifest newest;
  private Instant now = Instant.EPOCH;

  /** An empty chain in a new repository. */
  public StoredChain(Path folder) {
    this(Repository.openOrCreate(new DirectoryTarget(folder)));
  }

  /** A chain in this repository, empty so far. */
  public StoredChain(Repository repository) {
    store = repository.image(IDENTITY);
  }

  /** The image in another view of the repository. */
  public static ImageStore storeIn(Repository repository) {
    return repository.image(IDENTITY);
  }

  /** When the next layers are made. */
  public void setTime(Instant time) {
    now = time;
  }

  /** What a restore point has to hold. */
  public byte[] contentOf(UUID point) {
    return Objects.requireNonNull(contents.get(point), () -> "no restore point " + point);
  }

  /** Where it is stored. */
  public ImageStore store() {
    return store;
  }

  /** What the newest restore point holds. */
  public byte[] content() {
    return content;
  }

  /** The newest restore point. */
  public Manifest newest() {
    if (newest == null) {
      throw new IllegalStateException("no layer yet");
    }
    return newest;
  }

  /** Adds a layer of this length in which so many clusters have changed, at random. */
  public void add(
      int sizeBytes, ClusterSize clusterSize, Compression compression, int changes, Random random)
      throws IOException {
    int cluster = clusterSize.bytes();
    int clusters = (sizeBytes + cluster - 1) / cluster;
    byte[] now = Arrays.copyOf(content, clusters * cluster);
    Arrays.fill(now, Math.min(content.length, sizeBytes), now.length, (byte) 0);
    BitSet changed = differing(now, cluster, clusters);
    if (sizeBytes < content.length && sizeBytes % SECTOR_BYTES != 0) {
      changed.set(clusters - 1);
    }
    for (int i = 0; i < changes && clusters > 0; i++) {
      int at = random.nextInt(clusters);
      int run = 1 + random.nextInt(Math.min(4, clusters - at));
      changed.set(at, at + run);
      change(now, at * cluster, Math.min(sizeBytes, (at + run) * cluster), random);
    }
    newest =
        new StoredLayer(sizeBytes, clusterSize, compression, this.now)
            .commit(
                store,
                changed,
                (i, bytes) -> {
                  int at = (int) i * cluster;
                  bytes.copyFrom(MemorySegment.ofArray(now).asSlice(at, cluster));
                  return !isZero(now, at, cluster);
                });
    content = Arrays.copyOf(now, sizeBytes);
    contents.put(newest().id(), content);
  }

  // Where the latest was deleted, another is built on: as a backup re-bases.
  private BitSet differing(byte[] now, int cluster, int clusters) {
    newest = store.latest().orElse(null);
    BitSet changed = new BitSet();
    byte[] before = newest == null ? new byte[0] : contentOf(newest.id());
    byte[] padded = Arrays.copyOf(before, Math.max(before.length, now.length));
    for (int i = 0; i < clusters; i++) {
      if (!Arrays.equals(
          now, i * cluster, (i + 1) * cluster, padded, i * cluster, (i + 1) * cluster)) {
        changed.set(i);
      }
    }
    return changed;
  }

  private static void change(byte[] bytes, int from, int to, Random random) {
    switch (random.nextInt(4)) {
      case 0 -> Arrays.fill(bytes, from, to, (byte) 0);
      case 1 -> Arrays.fill(bytes, from, to, (byte) (1 + random.nextInt(100)));
      case 2 -> {
        byte[] noise = new byte[to - from];
        random.nextBytes(noise);
        System.arraycopy(noise, 0, bytes, from, noise.length);
      }
      default -> bytes[from + random.nextInt(to - from)] ^= 1;
    }
  }

  /** Whether a stretch holds nothing but zeroes. */
  public static boolean isZero(byte[] bytes, int from, int length) {
    for (int i = from; i < from + length; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }
}
