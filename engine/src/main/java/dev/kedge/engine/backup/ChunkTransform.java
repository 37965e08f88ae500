package dev.kedge.engine.backup;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.AioCompletion;
import dev.kedge.engine.pipeline.OrderedPipeline;
import dev.kedge.qcow2.ClusterCompressor;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.Checksummer;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Second stage: waits for a chunk's reads, then says of each cluster whether it is zero, unchanged,
 * or to be stored, with its checksum and its compressed form. Each worker has one of its own.
 */
final class ChunkTransform implements OrderedPipeline.Worker<Chunk> {
  private final MemorySegment zeroes;
  // Without a parent a hole says zero as well as a zero cluster does, and costs nothing.
  private final boolean zeroIsHole;
  private final Checksummer checksummer = new Checksummer();
  private final @Nullable ClusterCompressor compressor;
  private final ByteBuffer packed;

  ChunkTransform(
      MemorySegment zeroes, Compression compression, ClusterSize clusterSize, boolean zeroIsHole) {
    this.zeroes = zeroes;
    this.zeroIsHole = zeroIsHole;
    boolean compress = compression != Compression.NONE;
    this.compressor = compress ? ClusterCompressor.create(compression, clusterSize) : null;
    this.packed =
        ByteBuffer.allocateDirect(compress ? ClusterCompressor.bufferBytes(clusterSize) : 0);
  }

  @Override
  public void work(Chunk chunk) {
    awaitReads(chunk);
    for (int i = 0; i < chunk.count; i++) {
      transform(chunk, i);
    }
  }

  /** Waits until nothing native writes into the chunk's buffer any more; throws the first error. */
  static void awaitReads(Chunk chunk) {
    RuntimeException first = null;
    long bytes = 0;
    boolean pending = !chunk.reads.isEmpty();
    while (!chunk.reads.isEmpty()) {
      AioCompletion read = chunk.reads.removeLast();
      try {
        bytes += read.await();
      } catch (RuntimeException e) {
        first = first == null ? e : first;
      }
    }
    if (first != null) {
      throw first;
    }
    if (pending && bytes != chunk.readBytes) {
      throw new KedgeException(
          ErrorCode.FAILED,
          "Ceph returned " + bytes + " bytes of a snapshot where there are " + chunk.readBytes);
    }
  }

  private void transform(Chunk chunk, int i) {
    MemorySegment cluster = chunk.clusterSegment(i);
    Checksum before = chunk.base == null ? null : chunk.base[i];
    if (MemorySegment.mismatch(cluster, 0, chunk.clusterBytes, zeroes, 0, chunk.clusterBytes) < 0) {
      chunk.kinds[i] = zeroKind(chunk, before);
      return;
    }
    Checksum checksum = checksummer.of(cluster);
    if (checksum.equals(before)) {
      chunk.kinds[i] = Chunk.Kind.SAME;
      return;
    }
    chunk.checksums[i] = checksum;
    chunk.kinds[i] = Chunk.Kind.DATA;
    if (compressor != null) {
      int bytes = compressor.compress(cluster.asByteBuffer(), packed.clear());
      if (bytes >= 0) {
        chunk.kinds[i] = Chunk.Kind.COMPRESSED;
        chunk.compressedBytes[i] = bytes;
        chunk.compressedSegment(i).copyFrom(MemorySegment.ofBuffer(packed.flip()));
      }
    }
  }

  private Chunk.Kind zeroKind(Chunk chunk, @Nullable Checksum before) {
    if (zeroIsHole) {
      return Chunk.Kind.HOLE;
    }
    return chunk.base != null && before == null ? Chunk.Kind.SAME : Chunk.Kind.ZERO;
  }

  @Override
  public void close() {
    if (compressor != null) {
      compressor.close();
    }
  }
}
