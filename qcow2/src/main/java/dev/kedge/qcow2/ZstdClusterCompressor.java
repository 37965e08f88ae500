package dev.kedge.qcow2;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One zstd frame per cluster. */
final class ZstdClusterCompressor implements ClusterCompressor {
  private final ClusterSize clusterSize;
  private final ZstdCompressCtx context;
  private @Nullable ByteBuffer scratch;

  ZstdClusterCompressor(ClusterSize clusterSize, int level) {
    this.clusterSize = clusterSize;
    this.context = new ZstdCompressCtx().setLevel(level);
  }

  static int boundBytes(ClusterSize clusterSize) {
    return (int) Zstd.compressBound(clusterSize.bytes());
  }

  @Override
  public int compress(ByteBuffer cluster, ByteBuffer dst) {
    // A destination that is too small would be an exception per incompressible cluster.
    boolean roomy = dst.isDirect() && dst.remaining() >= boundBytes(clusterSize);
    ByteBuffer to = roomy ? dst : scratch();
    int length =
        context.compressDirectByteBuffer(
            to, to.position(), to.remaining(), cluster, cluster.position(), cluster.remaining());
    cluster.position(cluster.limit());
    if (length >= clusterSize.bytes()) {
      return -1;
    }
    if (roomy) {
      dst.position(dst.position() + length);
    } else {
      dst.put(to.limit(length));
    }
    return length;
  }

  private ByteBuffer scratch() {
    if (scratch == null) {
      scratch = ByteBuffer.allocateDirect(boundBytes(clusterSize));
    }
    return scratch.clear();
  }

  @Override
  public void close() {
    context.close();
  }
}
