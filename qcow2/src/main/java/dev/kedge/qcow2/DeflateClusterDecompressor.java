package dev.kedge.qcow2;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Raw deflate. */
final class DeflateClusterDecompressor implements ClusterDecompressor {
  private final Inflater inflater = new Inflater(true);

  @Override
  public void decompress(ByteBuffer compressed, ByteBuffer cluster) throws DataFormatException {
    inflater.reset();
    inflater.setInput(compressed);
    while (cluster.hasRemaining()) {
      if (inflater.inflate(cluster) == 0) {
        throw new DataFormatException("the deflate stream ends early");
      }
    }
  }

  @Override
  public void close() {
    inflater.end();
  }
}
