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
import dev.kedge.repository.ImageIdentity;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointOutputs;
import dev.kedge.repository.SumsWriter;
import dev.kedge.repository.UnknownFields;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.BitSet;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A layer to be committed to a repository, without Ceph.
 *
 * @param sizeBytes the image's length
 * @param compression of its clusters
 * @param createdAt when it is said to have been made
 */
public record StoredLayer(
    long sizeBytes, ClusterSize clusterSize, Compression compression, Instant createdAt) {
  /** Tells what the image holds. */
  public interface Source {
    /**
     * Fills a cluster, the last one of the image with zeroes behind its end.
     *
     * @return false where there is nothing but zeroes
     */
    boolean fill(long cluster, MemorySegment bytes);
  }

  /** Commits these clusters as the next restore point, on top of the latest if there is one. */
  public Manifest commit(ImageStore store, BitSet clusters, Source source) throws IOException {
    UUID point = UUID.randomUUID();
    Manifest parent = store.latest().orElse(null);
    String snapshot = "backup." + point + ".snap.1";
    try (Lease lease = store.acquireLease()) {
      lease.intend(point, snapshot);
      try (PointOutputs outputs = store.begin(point)) {
        DigestingOutput data = new DigestingOutput(outputs.data());
        SumsWriter sums = new SumsWriter(outputs.sums(), clusterSize.bytes(), sizeBytes);
        write(data, sums, parent, clusters, source);
        outputs.data().flush();
        SumsWriter.Summary summary = sums.finish();
        outputs.sums().flush();
        long sequence = store.points().nextSequence();
        Manifest manifest =
            new Manifest(
                point,
                sequence,
                parent == null ? Manifest.Kind.FULL : Manifest.Kind.INCREMENTAL,
                parent == null ? null : parent.id(),
                createdAt,
                image(store.identity()),
                sizeBytes,
                new Manifest.Snapshot(snapshot, 1, Instant.EPOCH, false),
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
        store.commit(manifest, lease);
        return manifest;
      }
    }
  }

  private Manifest.Image image(ImageIdentity identity) {
    return new Manifest.Image(identity, "id", sizeBytes, 4 << 20, 4 << 20, 1, 61, null, null);
  }

  private void write(
      DigestingOutput data,
      SumsWriter sums,
      @Nullable Manifest parent,
      BitSet clusters,
      Source source)
      throws IOException {
    BackingFile backing = parent == null ? null : new BackingFile(parent.file().name(), "qcow2");
    Qcow2Writer qcow2 =
        new Qcow2Writer(data, new WriterOptions(sizeBytes, clusterSize, compression, backing));
    int size = clusterSize.bytes();
    try (Arena arena = Arena.ofConfined();
        ClusterCompressor compressor =
            compression == Compression.NONE
                ? null
                : ClusterCompressor.create(compression, clusterSize)) {
      MemorySegment cluster = arena.allocate(size);
      ByteBuffer compressed = arena.allocate(size).asByteBuffer();
      Checksummer checksummer = new Checksummer();
      for (int i = clusters.nextSetBit(0); i >= 0; i = clusters.nextSetBit(i + 1)) {
        long offset = (long) i * size;
        if (!source.fill(i, cluster)) {
          qcow2.writeZeroes(offset, size);
          sums.zeroes(i, 1);
          continue;
        }
        sums.data(i, checksummer.of(cluster));
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
    qcow2.finish();
  }
}
