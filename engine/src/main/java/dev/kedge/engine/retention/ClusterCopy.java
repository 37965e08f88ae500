package dev.kedge.engine.retention;

import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.chain.PieceLoader;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.chain.StoredPiece;
import dev.kedge.qcow2.ClusterCompressor;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.qcow2.Extent;
import dev.kedge.qcow2.Qcow2Chain;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.Checksummer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Hands what a chain's upper layers show to a sink, in clusters of the sink's size, proven by the
 * checksums that it was stored with. A cluster of the sink that they show a part of only is filled
 * up from the layers below. Memory: two blocks of at most 2 MiB. One use, one thread.
 */
final class ClusterCopy implements AutoCloseable {
  private static final int MIN_BLOCK_BYTES = 1 << 20;

  /** So that a stop does not have to wait for long, nor are too many checksums in memory. */
  private static final long MAX_COPY_BYTES = 64 << 20;

  private final RestorePointReader chain;
  private final int layers;
  private final int copied;
  private final int clusterBytes;
  private final LayerSink sink;
  private final Progress progress;
  private final CancelToken cancel;
  private final int blockBytes;
  private final Arena arena = Arena.ofConfined();
  private final MemorySegment block;
  private final MemorySegment zeroes;
  private final ByteBuffer packed;
  private final PieceLoader loader;
  private final @Nullable ClusterCompressor compressor;
  private final Checksummer checksummer = new Checksummer();
  private final BitSet touched = new BitSet();
  private long blockIndex = -1;

  /**
   * Prepares one.
   *
   * @param layers how many layers there are from the top down to the lowest that is merged
   * @param copied how many of these are copied; what the others hold is in the sink already
   * @param compression what the sink's clusters are compressed with
   */
  ClusterCopy(
      RestorePointReader chain,
      int layers,
      int copied,
      ClusterSize clusterSize,
      Compression compression,
      LayerSink sink,
      Progress progress,
      CancelToken cancel) {
    this.chain = chain;
    this.layers = layers;
    this.copied = copied;
    this.clusterBytes = clusterSize.bytes();
    this.sink = sink;
    this.progress = progress;
    this.cancel = cancel;
    // Every cluster size is a power of two, and so is the largest of them.
    this.blockBytes =
        Math.max(MIN_BLOCK_BYTES, Math.max(chain.largestClusterBytes(), clusterBytes));
    this.block = arena.allocate(blockBytes);
    this.zeroes = arena.allocate(clusterBytes);
    this.packed = arena.allocate(ClusterCompressor.bufferBytes(clusterSize)).asByteBuffer();
    this.loader = new PieceLoader(chain);
    this.compressor =
        compression == Compression.NONE ? null : ClusterCompressor.create(compression, clusterSize);
  }

  /** Copies everything. */
  void run() throws IOException {
    long size = chain.sizeBytes();
    Qcow2Chain merged = Qcow2Chain.of(List.copyOf(chain.layers().subList(0, layers)));
    merged.forEachExtent(
        0,
        merged.virtualSizeBytes(),
        (layer, extent) -> {
          boolean zero = extent.kind() == Extent.Kind.ZERO;
          // Zero in no layer: behind the end of one that is shorter.
          boolean wanted = layer >= 0 ? layer < copied : zero;
          long end = Math.min(extent.endOffset(), size);
          if (wanted && extent.kind() == Extent.Kind.DATA) {
            data(layer, extent.guestOffset(), end);
          } else if (wanted && extent.kind() != Extent.Kind.UNALLOCATED) {
            visit(extent.guestOffset(), end, zero);
          }
        });
    if (size % clusterBytes != 0 && lowestIsLonger()) {
      // It holds what lay behind the new end, and its checksum was of that, too.
      visit(size - 1, size, false);
    }
    flush();
  }

  private void data(int layer, long from, long end) throws IOException {
    // Whole blocks: the chain is asked for each once, in ascending order.
    long first = (from + blockBytes - 1) / blockBytes * blockBytes;
    long last = end / blockBytes * blockBytes;
    boolean copies =
        chain.clusterBytes(layer) == clusterBytes
            && first < last
            && last - first >= sink.leastCopyBytes();
    if (copies) {
      visit(from, first, false);
      flush();
      copy(first, last);
      visit(last, end, false);
    } else {
      visit(from, end, false);
    }
  }

  /** Lets the target copy what a single layer shows. */
  private void copy(long from, long end) throws IOException {
    CopyRun run = new CopyRun();
    try {
      chain.forEachPiece(
          from,
          end - from,
          blockBytes,
          piece -> {
            try {
              run.add(piece);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (UncheckedIOException e) {
      throw Objects.requireNonNull(e.getCause());
    }
    run.end();
  }

  /** Pieces that lie one after the other in a layer's file. */
  private final class CopyRun {
    private final List<Checksum> checksums = new ArrayList<>();
    private int layer;
    private long guestStart;
    private long position;

    void add(StoredPiece piece) throws IOException {
      cancel.check();
      long length = (long) checksums.size() * clusterBytes;
      boolean goesOn =
          piece.layer() == layer
              && piece.guestOffset() == guestStart + length
              && piece.hostOffset() == position + length;
      if (!goesOn || length >= MAX_COPY_BYTES) {
        end();
        layer = piece.layer();
        guestStart = piece.guestOffset();
        position = piece.hostOffset();
      }
      checksums.addAll(List.of(piece.checksums().values()));
    }

    void end() throws IOException {
      if (!checksums.isEmpty()) {
        sink.copy(guestStart / clusterBytes, layer, position, checksums);
        progress.advance((long) checksums.size() * clusterBytes);
        checksums.clear();
      }
    }
  }

  private boolean lowestIsLonger() {
    return chain.manifests().get(layers - 1).sizeBytes() > chain.sizeBytes();
  }

  private void visit(long from, long to, boolean zero) throws IOException {
    long at = from;
    while (at < to) {
      cancel.check();
      long end = Math.min(to, (at / blockBytes + 1) * blockBytes);
      if (zero && at % blockBytes == 0 && to - at >= blockBytes) {
        end = to / blockBytes * blockBytes;
        flush();
        sink.zeroes(at / clusterBytes, (end - at) / clusterBytes);
      } else {
        touch(at, end);
      }
      at = end;
    }
  }

  private void touch(long from, long to) throws IOException {
    long index = from / blockBytes;
    if (index != blockIndex) {
      flush();
      blockIndex = index;
    }
    long start = index * blockBytes;
    touched.set((int) ((from - start) / clusterBytes), (int) ((to - 1 - start) / clusterBytes) + 1);
  }

  private void flush() throws IOException {
    if (touched.isEmpty()) {
      return;
    }
    load();
    long first = blockIndex * blockBytes / clusterBytes;
    for (int i = touched.nextSetBit(0); i >= 0; i = touched.nextSetBit(i + 1)) {
      write(first + i, block.asSlice((long) i * clusterBytes, clusterBytes));
    }
    touched.clear();
  }

  private void load() throws IOException {
    long start = blockIndex * blockBytes;
    long length = Math.min(blockBytes, chain.sizeBytes() - start);
    block.fill((byte) 0);
    try {
      chain.forEachPiece(
          start,
          length,
          blockBytes,
          piece -> {
            int firstCluster = (int) ((piece.guestOffset() - start) / clusterBytes);
            int needed = touched.nextSetBit(firstCluster);
            if (needed >= 0 && (long) needed * clusterBytes < piece.guestEnd() - start) {
              try {
                loader.load(piece, block, start);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            }
          });
    } catch (UncheckedIOException e) {
      throw Objects.requireNonNull(e.getCause());
    }
    // A layer that is longer may have more in the cluster at the end.
    block.asSlice(length).fill((byte) 0);
  }

  private void write(long cluster, MemorySegment bytes) throws IOException {
    progress.advance(clusterBytes);
    if (bytes.mismatch(zeroes) < 0) {
      sink.zeroes(cluster, 1);
      return;
    }
    var checksum = checksummer.of(bytes);
    if (compressor != null && compressor.compress(bytes.asByteBuffer(), packed.clear()) >= 0) {
      sink.compressed(cluster, packed.flip(), checksum);
    } else {
      sink.data(cluster, bytes.asByteBuffer(), checksum);
    }
  }

  @Override
  public void close() {
    if (compressor != null) {
      compressor.close();
    }
    loader.close();
    arena.close();
  }
}
