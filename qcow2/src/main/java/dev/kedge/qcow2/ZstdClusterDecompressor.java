package dev.kedge.qcow2;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;

/**
 * Takes the one frame at the start of the buffer. Decodes in one step straight into the cluster, so
 * that a hostile frame cannot demand a window of its own.
 */
final class ZstdClusterDecompressor implements ClusterDecompressor {
  private final ZstdDecompressCtx context = new ZstdDecompressCtx();

  @Override
  public void decompress(ByteBuffer compressed, ByteBuffer cluster) throws DataFormatException {
    long frameBytes =
        Zstd.findDirectByteBufferFrameCompressedSize(
            compressed, compressed.position(), compressed.remaining());
    if (Zstd.isError(frameBytes) || frameBytes > compressed.remaining()) {
      throw new DataFormatException("no zstd frame");
    }
    int wanted = cluster.remaining();
    int length = decode(compressed, (int) frameBytes, cluster);
    if (length != wanted) {
      throw new DataFormatException(length + " B instead of " + wanted);
    }
    cluster.position(cluster.limit());
  }

  private int decode(ByteBuffer compressed, int frameBytes, ByteBuffer cluster)
      throws DataFormatException {
    try {
      return context.decompressDirectByteBuffer(
          cluster,
          cluster.position(),
          cluster.remaining(),
          compressed,
          compressed.position(),
          frameBytes);
    } catch (ZstdException e) {
      DataFormatException damage = new DataFormatException(e.getMessage());
      damage.initCause(e);
      throw damage;
    }
  }

  @Override
  public void close() {
    context.close();
  }
}
