package dev.kedge.engine.repair;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.qcow2.ClusterDecompressor;
import dev.kedge.qcow2.Compression;
import dev.kedge.qcow2.Extent;
import dev.kedge.qcow2.Qcow2File;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.ObjectInput;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * What can still be read of a layer's file, whatever is wrong with it. What it gives proves
 * nothing: compare it with its checksum. A window of clusters at a time, ascending. For one thread.
 */
final class DamagedFile implements AutoCloseable {
  private static final long UNKNOWN = -1;

  private final int clusterBytes;
  private final @Nullable ObjectInput input;
  private final @Nullable Qcow2File file;
  private final Arena arena = Arena.ofConfined();
  private final ByteBuffer compressed;
  private final @Nullable ClusterDecompressor decompressor;
  private long firstCluster;
  private long[] hostOffsets = new long[0];
  private int[] payloadBytes = new int[0];

  private DamagedFile(int clusterBytes, @Nullable ObjectInput input, @Nullable Qcow2File file) {
    this.clusterBytes = clusterBytes;
    this.input = input;
    this.file = file;
    // As PieceLoader reads them.
    this.compressed = arena.allocate(2L * clusterBytes + 1024).asByteBuffer();
    Compression compression = file == null ? Compression.NONE : file.header().compression();
    this.decompressor =
        compression == Compression.NONE ? null : ClusterDecompressor.create(compression);
  }

  /** Opens as much as there is. */
  static DamagedFile open(ImageStore store, Manifest layer) {
    int clusterBytes = layer.file().clusterSizeBytes();
    ObjectInput input = null;
    Qcow2File file = null;
    try {
      input = store.openData(layer);
      file = Qcow2File.open(input, layer.file().name());
      if (file.header().clusterSize().bytes() != clusterBytes) {
        file = null;
      }
    } catch (KedgeException e) {
      requireDamage(e);
    } catch (IOException e) {
      // The header says too little: nothing of the file is used.
      file = null;
    }
    return new DamagedFile(clusterBytes, input, file);
  }

  /** Throws what is no damage: a target that cannot be reached says nothing about what is on it. */
  static void requireDamage(KedgeException e) {
    if (e.code() != ErrorCode.VERIFICATION_FAILED
        && e.code() != ErrorCode.NOT_FOUND
        && e.code() != ErrorCode.REFUSED) {
      throw e;
    }
  }

  /** Looks up where the next clusters are. */
  void window(long first, int count) {
    firstCluster = first;
    hostOffsets = new long[count];
    payloadBytes = new int[count];
    Arrays.fill(hostOffsets, UNKNOWN);
    Qcow2File tables = file;
    if (tables == null) {
      return;
    }
    long end = Math.min((first + count) * clusterBytes, tables.header().virtualSizeBytes());
    long at = first * clusterBytes;
    while (at < end) {
      long[] seen = {at};
      try {
        tables.forEachExtent(
            at,
            end - at,
            extent -> {
              note(extent);
              seen[0] = extent.endOffset();
            });
        return;
      } catch (KedgeException e) {
        requireDamage(e);
      } catch (IOException e) {
        // As if the entry were damaged: go on behind it.
      }
      at = (seen[0] / clusterBytes + 1) * clusterBytes;
    }
  }

  private void note(Extent extent) {
    if (extent.kind() != Extent.Kind.DATA && extent.kind() != Extent.Kind.COMPRESSED) {
      return;
    }
    boolean plain = extent.kind() == Extent.Kind.DATA;
    int index = (int) (extent.guestOffset() / clusterBytes - firstCluster);
    long host = extent.hostOffset();
    for (long at = extent.guestOffset(); at < extent.endOffset(); at += clusterBytes) {
      hostOffsets[index] = host;
      payloadBytes[index] = plain ? 0 : (int) Math.min(extent.hostLengthBytes(), 1 << 30);
      host += plain ? clusterBytes : 0;
      index++;
    }
  }

  /** Where a cluster of the window lies as it is; negative where it does not. */
  long plainOffset(long cluster) {
    int index = (int) (cluster - firstCluster);
    return payloadBytes[index] == 0 ? hostOffsets[index] : UNKNOWN;
  }

  /** Reads a cluster of the window; false where there is nothing to be read. */
  boolean read(long cluster, MemorySegment into) {
    int index = (int) (cluster - firstCluster);
    long host = hostOffsets[index];
    ObjectInput open = input;
    if (host == UNKNOWN || open == null) {
      return false;
    }
    try {
      if (payloadBytes[index] == 0) {
        open.readFully(host, into.asByteBuffer());
      } else {
        decompress(open, host, payloadBytes[index], into);
      }
      return true;
    } catch (KedgeException e) {
      requireDamage(e);
      return false;
    } catch (DataFormatException e) {
      return false;
    }
  }

  private void decompress(ObjectInput open, long host, int payload, MemorySegment into)
      throws DataFormatException {
    ClusterDecompressor unpacking = decompressor;
    if (unpacking == null) {
      throw new DataFormatException("compressed in a file without compression");
    }
    // The last sector of a descriptor may reach past the end of the file.
    long inFile = Math.max(0, open.lengthBytes() - host);
    compressed.clear().limit((int) Math.min(Math.min(payload, compressed.capacity()), inFile));
    open.readFully(host, compressed);
    unpacking.decompress(compressed.flip(), into.asByteBuffer());
  }

  @Override
  public void close() {
    if (decompressor != null) {
      decompressor.close();
    }
    if (input != null) {
      input.close();
    }
    arena.close();
  }
}
