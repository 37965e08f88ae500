package dev.kedge.engine.chain;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.qcow2.ChainReader;
import dev.kedge.qcow2.Extent;
import dev.kedge.qcow2.Qcow2Chain;
import dev.kedge.qcow2.Qcow2File;
import dev.kedge.qcow2.RandomAccessInput;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.ObjectInput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The layers of a restore point, opened, and seen as one image. The merged view is asked for in
 * ascending order by one thread; the layers' files may be read by any number.
 */
public final class RestorePointReader implements AutoCloseable {
  /** Receives what a range holds, in ascending order; what it leaves out reads as zeroes. */
  @FunctionalInterface
  public interface PieceVisitor {
    /** One stretch of stored data. */
    void piece(StoredPiece piece);
  }

  /** Each is a merge that ended between two looks. */
  private static final int ATTEMPTS = 20;

  private final List<Manifest> manifests;
  private final Map<String, ObjectInput> inputs = new HashMap<>();
  private final List<ObjectInput> inputOfLayer = new ArrayList<>();
  private final List<LayerSums> sums = new ArrayList<>();
  private final Qcow2Chain chain;
  private @Nullable ChainReader content;

  private RestorePointReader(ImageStore store, List<Manifest> manifests, boolean alone)
      throws IOException {
    this.manifests = manifests;
    try {
      chain = openChain(store, alone);
      if (chain.layers().size() != manifests.size()) {
        throw new KedgeException(
            ErrorCode.VERIFICATION_FAILED,
            "restore point "
                + point().id()
                + " has "
                + manifests.size()
                + " layers by its manifests and "
                + chain.layers().size()
                + " by the backing files that its QCOW2 files name");
      }
      for (Manifest manifest : manifests) {
        inputOfLayer.add(input(manifest.file().name()));
        sums.add(LayerSums.open(store, manifest));
      }
    } catch (Throwable e) {
      close();
      throw e;
    }
  }

  /**
   * Opens a restore point with its ancestors. Where somebody prunes meanwhile, the files are those
   * of one moment, and stay what they are while they are open.
   *
   * @throws KedgeException with BUSY where it changes as fast as it can be looked at
   * @throws KedgeException with VERIFICATION_FAILED where a layer is missing or damaged
   */
  public static RestorePointReader open(ImageStore store, UUID point) throws IOException {
    for (int i = 0; i < ATTEMPTS; i++) {
      List<Manifest> chain = store.chain(point);
      RestorePointReader reader = null;
      KedgeException failure = null;
      try {
        reader = new RestorePointReader(store, chain, false);
        if (store.chain(point).equals(chain)) {
          return reader;
        }
      } catch (KedgeException e) {
        failure = e;
      }
      if (reader != null) {
        reader.close();
      }
      if (failure != null && store.chain(point).equals(chain)) {
        throw failure;
      }
    }
    throw new KedgeException(
        ErrorCode.BUSY, "what restore point " + point + " builds on keeps changing: try again");
  }

  /** Opens one layer without its ancestors: what it does not hold reads as zeroes. */
  public static RestorePointReader openLayer(ImageStore store, Manifest layer) throws IOException {
    return new RestorePointReader(store, List.of(layer), true);
  }

  private Qcow2Chain openChain(ImageStore store, boolean alone) throws IOException {
    String top = point().file().name();
    try {
      return alone
          ? Qcow2Chain.ofOne(Qcow2File.open(open(store, top), top))
          : Qcow2Chain.open(top, name -> open(store, name));
    } catch (KedgeException e) {
      // Kedge writes nothing that it cannot read: what is refused in a foreign file is damage here.
      throw e.code() == ErrorCode.REFUSED ? damaged(e) : e;
    }
  }

  private KedgeException damaged(KedgeException cause) {
    return new KedgeException(
        ErrorCode.VERIFICATION_FAILED,
        "restore point " + point().id() + " is damaged: " + cause.getMessage(),
        cause);
  }

  private RandomAccessInput open(ImageStore store, String name) {
    for (Manifest manifest : manifests) {
      if (manifest.file().name().equals(name)) {
        ObjectInput input = store.openData(manifest);
        inputs.put(name, input);
        return input;
      }
    }
    throw new KedgeException(
        ErrorCode.VERIFICATION_FAILED,
        "a layer names " + name + " as its backing file, which is no ancestor by its manifest");
  }

  private ObjectInput input(String name) {
    ObjectInput input = inputs.get(name);
    if (input == null) {
      throw new KedgeException(
          ErrorCode.VERIFICATION_FAILED,
          name + " is an ancestor by its manifest, and no layer's backing file");
    }
    return input;
  }

  /** The manifests, the restore point's own first. */
  public List<Manifest> manifests() {
    return manifests;
  }

  /** The restore point's own manifest. */
  public Manifest point() {
    return manifests.getFirst();
  }

  /** The image's size in bytes, which QCOW2 only knows rounded up to sectors. */
  public long sizeBytes() {
    return point().sizeBytes();
  }

  /** The layers' QCOW2 files, the newest first. */
  public List<Qcow2File> layers() {
    return chain.layers();
  }

  /** The file of a layer. */
  ObjectInput input(int layer) {
    return inputOfLayer.get(layer);
  }

  /** The largest cluster in the chain, in bytes. */
  public int largestClusterBytes() {
    int largest = 0;
    for (Qcow2File layer : chain.layers()) {
      largest = Math.max(largest, clusterBytes(layer));
    }
    return largest;
  }

  /** The cluster size of a layer, in bytes. */
  public int clusterBytes(int layer) {
    return clusterBytes(chain.layers().get(layer));
  }

  private static int clusterBytes(Qcow2File file) {
    return file.header().clusterSize().bytes();
  }

  /** Reads content through the whole chain, without proving it. For one thread. */
  public void read(long guestOffset, ByteBuffer into) throws IOException {
    if (content == null) {
      content = new ChainReader(chain);
    }
    content.read(guestOffset, into);
  }

  /**
   * Visits what a range holds. Ranges must ascend from call to call.
   *
   * @param blockBytes no piece crosses a multiple of this; itself a multiple of every cluster size
   */
  public void forEachPiece(
      long guestOffset, long lengthBytes, long blockBytes, PieceVisitor visitor)
      throws IOException {
    chain.forEachExtent(
        guestOffset,
        lengthBytes,
        (layer, extent) -> {
          if (layer >= 0
              && (extent.kind() == Extent.Kind.DATA || extent.kind() == Extent.Kind.COMPRESSED)) {
            split(layer, extent, blockBytes, visitor);
          }
        });
  }

  // Cuts an extent into the visible part of its first cluster, whole clusters, and the visible
  // part of its last one.
  private void split(int layer, Extent extent, long blockBytes, PieceVisitor visitor) {
    Qcow2File file = chain.layers().get(layer);
    long cluster = clusterBytes(file);
    long layerEnd = file.header().virtualSizeBytes();
    long at = extent.guestOffset();
    long extentEnd = at + extent.lengthBytes();
    while (at < extentEnd) {
      long end = Math.min(extentEnd, (at / blockBytes + 1) * blockBytes);
      long clusterStart = at / cluster * cluster;
      long stop;
      boolean whole = at == clusterStart;
      if (whole) {
        long lastWhole = end >= layerEnd ? end : end / cluster * cluster;
        whole = lastWhole > at;
        stop = whole ? lastWhole : end;
      } else {
        stop = Math.min(end, clusterStart + cluster);
      }
      visitor.piece(piece(layer, extent, at, stop - at, whole, clusterStart));
      at = stop;
    }
  }

  private StoredPiece piece(
      int layer, Extent extent, long at, long length, boolean whole, long clusterStart) {
    long cluster = clusterBytes(layer);
    int clusters = Math.toIntExact((at + length - clusterStart + cluster - 1) / cluster);
    Checksum[] checksums = new Checksum[clusters];
    for (int i = 0; i < clusters; i++) {
      checksums[i] = sums.get(layer).dataChecksum(clusterStart / cluster + i);
    }
    boolean plain = extent.kind() == Extent.Kind.DATA;
    long hostOffset =
        plain ? extent.hostOffset() - (extent.guestOffset() - clusterStart) : extent.hostOffset();
    return new StoredPiece(
        layer,
        at,
        length,
        whole,
        extent.kind(),
        clusterStart,
        hostOffset,
        plain ? clusters * cluster : extent.hostLengthBytes(),
        new StoredPiece.Checksums(checksums));
  }

  @Override
  public void close() {
    if (content != null) {
      content.close();
    }
    sums.forEach(LayerSums::close);
    inputs.values().forEach(ObjectInput::close);
  }
}
