package dev.kedge.engine.backup;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.chain.PieceLoader;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.chain.StoredPiece;
import dev.kedge.engine.plan.ExtentList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * First pass of a re-based backup: lists where the image differs from the latest restore point, in
 * pages of 4 KiB, so that the layer can be given clusters that suit the changes. A cluster whose
 * checksum differs is compared with what the restore point holds. Takes over the chain. One thread
 * at a time.
 */
final class DifferenceFinder implements ChunkSink, AutoCloseable {
  private static final int PAGE_BYTES = 4096;

  private final RestorePointReader chain;
  private final long imageBytes;
  private final int blockBytes;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment block;
  private final PieceLoader loader;
  private final ExtentList differences = new ExtentList();
  private long readBytes;
  private long blockStart = -1;

  DifferenceFinder(RestorePointReader chain, long imageBytes, int clusterBytes) {
    this.chain = chain;
    this.imageBytes = imageBytes;
    this.blockBytes = Math.max(clusterBytes, chain.largestClusterBytes());
    this.block = arena.allocate(blockBytes);
    this.loader = new PieceLoader(chain);
  }

  /** The ranges that differ, normalised; those that became zeroes are marked. */
  ExtentList differences() {
    differences.normalise();
    return differences;
  }

  /** Bytes read from Ceph. */
  long readBytes() {
    return readBytes;
  }

  @Override
  public void write(Chunk chunk) throws IOException {
    readBytes += chunk.readBytes;
    if (chunk.zeroCount > 0) {
      add(chunk.zeroFirst * chunk.clusterBytes, chunk.zeroCount * chunk.clusterBytes, true);
    }
    for (int i = 0; i < chunk.count; i++) {
      long offset = chunk.clusters[i] * chunk.clusterBytes;
      switch (chunk.kinds[i]) {
        case SAME, HOLE -> {}
        case ZERO -> add(offset, chunk.clusterBytes, true);
        case DATA -> compare(offset, chunk.clusterSegment(i));
        case COMPRESSED -> throw new IllegalStateException("compressed before it is compared");
      }
    }
  }

  private void compare(long offset, MemorySegment cluster) throws IOException {
    try {
      load(offset);
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.VERIFICATION_FAILED) {
        throw e;
      }
      // What rotted is no measure: the new layer hides all of it.
      blockStart = -1;
      add(offset, cluster.byteSize(), false);
      return;
    }
    long inBlock = offset - blockStart;
    for (long at = 0; at < cluster.byteSize(); at += PAGE_BYTES) {
      long end = Math.min(at + PAGE_BYTES, cluster.byteSize());
      if (MemorySegment.mismatch(cluster, at, end, block, inBlock + at, inBlock + end) >= 0) {
        add(offset + at, end - at, false);
      }
    }
  }

  private void load(long offset) throws IOException {
    long start = offset / blockBytes * blockBytes;
    if (start == blockStart) {
      return;
    }
    long length = Math.clamp(chain.sizeBytes() - start, 0, blockBytes);
    block.fill((byte) 0);
    try {
      if (length > 0) {
        chain.forEachPiece(start, length, blockBytes, piece -> load(piece, start));
      }
    } catch (UncheckedIOException e) {
      throw new IOException(e.getCause());
    }
    // A layer below that is longer may have more in the cluster at the end.
    block.asSlice(length).fill((byte) 0);
    blockStart = start;
  }

  private void load(StoredPiece piece, long start) {
    try {
      loader.load(piece, block, start);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add(long offset, long lengthBytes, boolean zero) {
    differences.add(offset, Math.min(lengthBytes, imageBytes - offset), zero);
  }

  @Override
  public void close() {
    loader.close();
    arena.close();
    chain.close();
  }
}
