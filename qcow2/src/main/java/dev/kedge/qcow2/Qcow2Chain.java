package dev.kedge.qcow2;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A file and the backing files below it, the top first. Cluster sizes and lengths may differ from
 * layer to layer. Thread-safe; whoever gave the opener closes the inputs. Memory: 12 bytes for each
 * L2 table of all layers.
 */
public final class Qcow2Chain {
  /** Hundreds of increments are normal; this many are not. */
  static final int MAX_LAYERS = 4096;

  /** 192 MiB of memory; a sound chain of this many tables holds at least 64 GiB in tables alone. */
  static final long MAX_TABLES = 16L << 20;

  private final List<Qcow2File> layers;

  private Qcow2Chain(List<Qcow2File> layers) {
    this.layers = List.copyOf(layers);
  }

  /**
   * Opens a file and follows the backing names, which must be plain names of QCOW2 files in the
   * same directory.
   *
   * @throws KedgeException with REFUSED for another kind of name or format and for more than 4096
   *     layers; with VERIFICATION_FAILED for a loop or a damaged file
   */
  public static Qcow2Chain open(String topName, FileOpener opener) throws IOException {
    List<Qcow2File> layers = new ArrayList<>();
    Set<String> seen = new HashSet<>(Set.of(topName));
    long tables = 0;
    Qcow2File file = Qcow2File.open(opener.open(topName), topName);
    while (true) {
      layers.add(file);
      tables += file.tableCount();
      if (layers.size() > MAX_LAYERS || tables > MAX_TABLES) {
        throw new KedgeException(
            ErrorCode.REFUSED,
            topName + ": its chain is too long to be read: consolidate it (" + file.name() + ")");
      }
      BackingFile backing = file.header().backing();
      if (backing == null) {
        return new Qcow2Chain(layers);
      }
      String next = followable(backing, file.name());
      if (!seen.add(next)) {
        throw Damage.damaged(file.name(), "its backing file " + next + " leads back to itself");
      }
      file = Qcow2File.open(opener.open(next), next);
    }
  }

  /** A file without its backing files: what it does not hold reads as zeroes. */
  public static Qcow2Chain ofOne(Qcow2File file) {
    return new Qcow2Chain(List.of(file));
  }

  /** Files that are open already, the top first; whatever the last one is backed by is left out. */
  public static Qcow2Chain of(List<Qcow2File> layers) {
    return new Qcow2Chain(layers);
  }

  private static String followable(BackingFile backing, String ofFile) {
    String name = BackingNames.requirePlain(backing.name(), ofFile);
    String format = backing.format();
    if (format != null && !format.equals("qcow2")) {
      throw Damage.unsupported(
          ofFile, "backing file " + name + " of format " + BackingNames.quote(format));
    }
    return name;
  }

  /** The files, the top first. */
  public List<Qcow2File> layers() {
    return layers;
  }

  /** The size that a guest sees: the top's. */
  public long virtualSizeBytes() {
    return layers.getFirst().header().virtualSizeBytes();
  }

  /**
   * Visits the merged extents that cover a range, clipped to it and to the virtual size, in
   * ascending order and each byte once. A compressed cluster that upper layers cut into pieces
   * comes as several extents. Memory: at most 8192 extents and two L2 slices.
   */
  public void forEachExtent(long guestOffset, long lengthBytes, ChainVisitor visitor)
      throws IOException {
    long from = Math.max(0, guestOffset);
    long to = lengthBytes > virtualSizeBytes() - from ? virtualSizeBytes() : from + lengthBytes;
    ExtentJoiner joiner = new ExtentJoiner(visitor);
    new ChainWalk(layers, joiner).walk(from, to);
    joiner.finish();
  }

  /**
   * Fills a buffer from a guest offset. For many reads use a {@link ChainReader}: this makes one
   * for each call.
   *
   * @throws java.io.EOFException where the virtual size ends first
   */
  public void read(long guestOffset, ByteBuffer dst) throws IOException {
    try (ChainReader reader = new ChainReader(this)) {
      reader.read(guestOffset, dst);
    }
  }
}
