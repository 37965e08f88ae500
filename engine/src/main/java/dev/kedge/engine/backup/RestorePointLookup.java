package dev.kedge.engine.backup;

import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.chain.StoredPiece;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.Checksummer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a restore point holds, a cluster at a time. Where one layer shows the whole of a cluster of
 * the wanted size, its checksum is known from the sums file; where several layers, or clusters of
 * another size, make it up, its content is read from the target and hashed.
 */
public final class RestorePointLookup implements BaseLookup, AutoCloseable {
  private static final int WINDOW_CLUSTERS = 512;

  private enum State {
    ZERO,
    KNOWN,
    MIXED
  }

  private final RestorePointReader chain;
  private final int clusterBytes;
  private final long blockBytes;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment cluster;
  private final MemorySegment zeroes;
  private final Checksummer checksummer = new Checksummer();

  private final State[] states = new State[WINDOW_CLUSTERS];
  private final @Nullable Checksum[] checksums = new @Nullable Checksum[WINDOW_CLUSTERS];
  private long window = -1;

  /** Takes over the chain, and closes it. */
  public RestorePointLookup(RestorePointReader chain, int clusterBytes) {
    this.chain = chain;
    this.clusterBytes = clusterBytes;
    this.blockBytes = Math.max(clusterBytes, chain.largestClusterBytes());
    this.cluster = arena.allocate(clusterBytes);
    this.zeroes = arena.allocate(clusterBytes);
  }

  @Override
  public @Nullable Checksum checksumOf(long index) {
    seek(index);
    int at = (int) (index % WINDOW_CLUSTERS);
    if (states[at] == State.MIXED) {
      checksums[at] = hashContent(index);
      states[at] = checksums[at] == null ? State.ZERO : State.KNOWN;
    }
    return checksums[at];
  }

  @Override
  public void forEachDataRun(long firstCluster, long count, RunVisitor visitor)
      throws InterruptedException {
    long end = Math.min(firstCluster + count, clusters());
    long runStart = -1;
    for (long index = firstCluster; index < end; index++) {
      if (index % WINDOW_CLUSTERS == 0 && runStart < 0) {
        index = skipEmptyWindows(index, end);
        if (index == end) {
          break;
        }
      }
      boolean data = checksumOf(index) != null;
      if (data && runStart < 0) {
        runStart = index;
      } else if (!data && runStart >= 0) {
        visitor.run(runStart, index - runStart);
        runStart = -1;
      }
    }
    if (runStart >= 0) {
      visitor.run(runStart, end - runStart);
    }
  }

  private long skipEmptyWindows(long index, long end) {
    long at = index;
    while (at < end) {
      seek(at);
      if (!Arrays.stream(states).allMatch(state -> state == State.ZERO)) {
        return at;
      }
      at = Math.min(end, at + WINDOW_CLUSTERS);
    }
    return end;
  }

  private long clusters() {
    return (chain.sizeBytes() + clusterBytes - 1) / clusterBytes;
  }

  private void seek(long index) {
    long wanted = index / WINDOW_CLUSTERS;
    if (wanted == window) {
      return;
    }
    window = wanted;
    Arrays.fill(states, State.ZERO);
    Arrays.fill(checksums, null);
    long start = wanted * WINDOW_CLUSTERS * clusterBytes;
    long length = Math.min((long) WINDOW_CLUSTERS * clusterBytes, chain.sizeBytes() - start);
    if (length > 0) {
      try {
        chain.forEachPiece(start, length, blockBytes, piece -> note(piece, start));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void note(StoredPiece piece, long windowStart) {
    boolean comparable = piece.whole() && chain.clusterBytes(piece.layer()) == clusterBytes;
    long first = (piece.guestOffset() - windowStart) / clusterBytes;
    long last = (piece.guestEnd() - 1 - windowStart) / clusterBytes;
    for (long at = first; at <= last; at++) {
      int i = (int) at;
      if (comparable && states[i] == State.ZERO) {
        states[i] = State.KNOWN;
        checksums[i] = piece.checksums().values()[(int) (at - first)];
      } else {
        states[i] = State.MIXED;
        checksums[i] = null;
      }
    }
  }

  private @Nullable Checksum hashContent(long index) {
    long offset = index * clusterBytes;
    int inImage = (int) Math.min(clusterBytes, chain.sizeBytes() - offset);
    cluster.fill((byte) 0);
    ByteBuffer content = cluster.asSlice(0, inImage).asByteBuffer();
    try {
      chain.read(offset, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return cluster.mismatch(zeroes) < 0 ? null : checksummer.of(cluster);
  }

  @Override
  public void close() {
    arena.close();
    chain.close();
  }
}
