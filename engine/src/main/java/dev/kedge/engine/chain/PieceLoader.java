package dev.kedge.engine.chain;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.qcow2.ClusterDecompressor;
import dev.kedge.qcow2.Extent;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.Checksummer;
import dev.kedge.repository.Manifest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.DataFormatException;

/**
 * Reads stored pieces into memory and proves each cluster by its checksum. A cluster of which
 * several parts are visible is read once as long as it stays among the last few. One thread at a
 * time; every worker has its own.
 */
public final class PieceLoader implements AutoCloseable {
  private static final int KEPT_CLUSTERS = 8;

  private record Place(int layer, long clusterOffset) {}

  private final RestorePointReader chain;
  private final Arena arena = Arena.ofShared();
  private final Checksummer checksummer = new Checksummer();
  private final Map<Integer, ClusterDecompressor> decompressors = new HashMap<>();
  private final LinkedHashMap<Place, MemorySegment> kept = new LinkedHashMap<>();
  private final MemorySegment compressed;

  /** A loader for the pieces of this chain. */
  public PieceLoader(RestorePointReader chain) {
    this.chain = chain;
    // What did not get smaller is framed as compressed data all the same, with little overhead;
    // more than twice a cluster is nothing that a descriptor can name.
    this.compressed = arena.allocate(2L * chain.largestClusterBytes() + 1024);
  }

  /**
   * Fills a buffer that starts at {@code bufferOffset} of the image with what a piece shows. Whole
   * clusters may be written beyond the piece's end, up to the end of its last cluster, with the
   * zeroes that pad an image.
   *
   * @throws KedgeException with VERIFICATION_FAILED where a cluster does not hash to its checksum
   */
  public void load(StoredPiece piece, MemorySegment buffer, long bufferOffset) throws IOException {
    int clusterBytes = chain.clusterBytes(piece.layer());
    if (!piece.whole()) {
      MemorySegment cluster = keptCluster(piece, clusterBytes);
      MemorySegment.copy(
          cluster,
          piece.guestOffset() - piece.clusterOffset(),
          buffer,
          piece.guestOffset() - bufferOffset,
          piece.lengthBytes());
      return;
    }
    long clusters = piece.checksums().values().length;
    MemorySegment target =
        buffer.asSlice(piece.clusterOffset() - bufferOffset, clusters * clusterBytes);
    readClusters(piece, target, clusterBytes);
  }

  private MemorySegment keptCluster(StoredPiece piece, int clusterBytes) throws IOException {
    Place place = new Place(piece.layer(), piece.clusterOffset());
    MemorySegment cluster = kept.get(place);
    if (cluster == null) {
      MemorySegment memory =
          kept.size() < KEPT_CLUSTERS
              ? arena.allocate(chain.largestClusterBytes())
              : kept.pollFirstEntry().getValue();
      cluster = memory;
      readClusters(piece, memory.asSlice(0, clusterBytes), clusterBytes);
      kept.put(place, memory);
    }
    return cluster;
  }

  private void readClusters(StoredPiece piece, MemorySegment target, int clusterBytes)
      throws IOException {
    if (piece.kind() == Extent.Kind.DATA) {
      chain.input(piece.layer()).readOnce(piece.hostOffset(), target.asByteBuffer());
    } else {
      decompress(piece, target);
    }
    Checksum[] expected = piece.checksums().values();
    for (int i = 0; i < expected.length; i++) {
      Checksum actual = checksummer.of(target.asSlice((long) i * clusterBytes, clusterBytes));
      if (!actual.equals(expected[i])) {
        throw damaged(piece, piece.clusterOffset() + (long) i * clusterBytes);
      }
    }
  }

  private void decompress(StoredPiece piece, MemorySegment target) throws IOException {
    ByteBuffer source =
        compressed.asSlice(0, Math.min(piece.hostBytes(), compressed.byteSize())).asByteBuffer();
    // The last sector of a descriptor may reach past the end of the file.
    long inFile = chain.input(piece.layer()).lengthBytes() - piece.hostOffset();
    source.limit((int) Math.max(0, Math.min(source.capacity(), inFile)));
    chain.input(piece.layer()).readFully(piece.hostOffset(), source);
    source.flip();
    try {
      decompressor(piece.layer()).decompress(source, target.asByteBuffer());
    } catch (DataFormatException e) {
      throw damaged(piece, piece.clusterOffset());
    }
  }

  private ClusterDecompressor decompressor(int layer) {
    return decompressors.computeIfAbsent(
        layer, i -> ClusterDecompressor.create(chain.layers().get(i).header().compression()));
  }

  private KedgeException damaged(StoredPiece piece, long offset) {
    Manifest manifest = chain.manifests().get(piece.layer());
    return new KedgeException(
        ErrorCode.VERIFICATION_FAILED,
        "restore point "
            + manifest.id()
            + " is damaged: the cluster at offset "
            + offset
            + " of "
            + manifest.file().name()
            + " is not what was backed up; restore an earlier point, and run 'kedge verify --all'");
  }

  @Override
  public void close() {
    decompressors.values().forEach(ClusterDecompressor::close);
    arena.close();
  }
}
