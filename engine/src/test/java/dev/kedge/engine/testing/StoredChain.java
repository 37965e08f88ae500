package dev.kedge.engine.testing;

import dev.kedge.qcow2.BackingFile;
import dev.kedge.qcow2.ClusterCompressor;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.qcow2.Qcow2Writer;
import dev.kedge.qcow2.WriterOptions;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.Checksummer;
import dev.kedge.repository.DigestingOutput;
import dev.kedge.repository.DirectoryTarget;
import dev.kedge.repository.ImageIdentity;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointOutputs;
import dev.kedge.repository.Repository;
import dev.kedge.repository.SumsWriter;
import dev.kedge.repository.UnknownFields;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Locale;
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
    write(now, changed, sizeBytes, clusterSize, compression);
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

  private void write(
      byte[] bytes, BitSet changed, int sizeBytes, ClusterSize clusterSize, Compression compression)
      throws IOException {
    UUID point = UUID.randomUUID();
    Manifest parent = newest;
    BackingFile backing = parent == null ? null : new BackingFile(parent.file().name(), "qcow2");
    try (Lease lease = store.acquireLease();
        PointOutputs outputs = begin(lease, point)) {
      DigestingOutput data = new DigestingOutput(outputs.data());
      Qcow2Writer qcow2 =
          new Qcow2Writer(data, new WriterOptions(sizeBytes, clusterSize, compression, backing));
      SumsWriter sums = new SumsWriter(outputs.sums(), clusterSize.bytes(), sizeBytes);
      writeClusters(bytes, changed, clusterSize, compression, qcow2, sums);
      qcow2.finish();
      outputs.data().flush();
      SumsWriter.Summary summary = sums.finish();
      outputs.sums().flush();
      newest =
          new Manifest(
              point,
              store.points().nextSequence(),
              parent == null ? Manifest.Kind.FULL : Manifest.Kind.INCREMENTAL,
              parent == null ? null : parent.id(),
              now,
              new Manifest.Image(IDENTITY, "id", sizeBytes, 4 << 20, 4 << 20, 1, 61, null, null),
              sizeBytes,
              new Manifest.Snapshot("backup." + point + ".snap.1", 1, Instant.EPOCH, false),
              new Manifest.DataFile(
                  point + ".qcow2",
                  data.lengthBytes(),
                  clusterSize.bytes(),
                  compression.name().toLowerCase(Locale.ROOT),
                  data.tablesDigest()),
              new Manifest.SumsFile(
                  point + ".sums", summary.lengthBytes(), summary.digest(), Checksum.ALGORITHM),
              new Manifest.Counts(0, 0, 0, 0, 0),
              0,
              lease.token(),
              Manifest.WRITER,
              UnknownFields.NONE);
      store.commit(newest, lease);
    }
  }

  private PointOutputs begin(Lease lease, UUID point) {
    lease.intend(point, "backup." + point + ".snap.1");
    return store.begin(point);
  }

  private static void writeClusters(
      byte[] bytes,
      BitSet changed,
      ClusterSize clusterSize,
      Compression compression,
      Qcow2Writer qcow2,
      SumsWriter sums)
      throws IOException {
    int size = clusterSize.bytes();
    try (Arena arena = Arena.ofConfined();
        ClusterCompressor compressor =
            compression == Compression.NONE
                ? null
                : ClusterCompressor.create(compression, clusterSize)) {
      MemorySegment cluster = arena.allocate(size);
      ByteBuffer compressed = arena.allocate(size).asByteBuffer();
      for (int i = changed.nextSetBit(0); i >= 0; i = changed.nextSetBit(i + 1)) {
        long offset = (long) i * size;
        cluster.copyFrom(MemorySegment.ofArray(bytes).asSlice(offset, size));
        if (isZero(bytes, i * size, size)) {
          qcow2.writeZeroes(offset, size);
          sums.zeroes(i, 1);
          continue;
        }
        sums.data(i, new Checksummer().of(cluster));
        compressed.clear();
        int length =
            compressor == null ? -1 : compressor.compress(cluster.asByteBuffer(), compressed);
        if (length < 0) {
          qcow2.writeData(offset, cluster.asByteBuffer());
        } else {
          qcow2.writeCompressed(offset, compressed.clear().limit(length));
        }
      }
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
