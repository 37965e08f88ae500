package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.Closeable;
import java.nio.ByteBuffer;

/**
 * Reads a sums file from start to end, a run at a time, and trusts nothing in it. When {@link
 * #next} returns false, the digest in the manifest has been checked; what a reader did with earlier
 * runs rests on the file only from then on. Memory is constant. Not thread-safe.
 */
public final class SumsReader implements Closeable {
  /** What the clusters of a run hold. */
  public enum Kind {
    /** A checksum each. */
    DATA,
    /** Zeroes. */
    ZERO
  }

  private static final int WINDOW_BYTES = 2 * SumsFormat.MAX_DATA_RUN * Checksum.BYTES;

  private final String name;
  private final ObjectInput input;
  private final SequentialInput sequence;
  private final ByteBuffer bytes;
  private final Checksum expectedDigest;
  private final int clusterSizeBytes;
  private final long imageSizeBytes;

  private int sumsAt;
  private Kind kind = Kind.ZERO;
  private long firstCluster;
  private long count;
  private long nextCluster;
  private long dataClusters;
  private long zeroClusters;
  private boolean ended;

  /**
   * Starts reading; the input is closed with this reader.
   *
   * @param name what messages call the file
   * @param lengthBytes its length, by the manifest
   * @param expectedDigest its digest, by the manifest
   * @throws KedgeException with VERIFICATION_FAILED where the header is none, REFUSED where it is
   *     of a later version
   */
  public SumsReader(String name, ObjectInput input, long lengthBytes, Checksum expectedDigest) {
    this.name = name;
    this.input = input;
    this.sequence = new SequentialInput(input, lengthBytes, WINDOW_BYTES);
    this.bytes = sequence.window();
    this.expectedDigest = expectedDigest;
    if (input.lengthBytes() != lengthBytes) {
      throw damaged("has " + input.lengthBytes() + " bytes instead of " + lengthBytes);
    }
    int at = take(SumsFormat.HEADER_BYTES);
    if (bytes.getLong(at) != SumsFormat.MAGIC) {
      throw damaged("is no sums file");
    }
    long clusterSize = bytes.getLong(at + 16);
    this.imageSizeBytes = bytes.getLong(at + 24);
    checkVersion(bytes.getInt(at + 8), bytes.getInt(at + 12));
    if (clusterSize < 512
        || clusterSize > 2 << 20
        || Long.bitCount(clusterSize) != 1
        || imageSizeBytes < 0) {
      throw damaged("names an impossible cluster or image size");
    }
    this.clusterSizeBytes = (int) clusterSize;
  }

  private void checkVersion(int version, int algorithm) {
    if (version != SumsFormat.VERSION || algorithm != SumsFormat.ALGORITHM_XXH3_128) {
      requireDigest();
      throw new KedgeException(
          ErrorCode.REFUSED,
          "%s has version %d with algorithm %d, which this Kedge does not know: use a newer one"
              .formatted(name, version, algorithm));
    }
  }

  // Only a file that is what was written can be of a later version.
  private void requireDigest() {
    while (sequence.has(1)) {
      take(1);
    }
    if (!sequence.digest().equals(expectedDigest)) {
      throw damaged("does not have the digest that the manifest names");
    }
  }

  /** The size of the clusters that the checksums cover. */
  public int clusterSizeBytes() {
    return clusterSizeBytes;
  }

  /** The size of the image. */
  public long imageSizeBytes() {
    return imageSizeBytes;
  }

  /**
   * Goes to the next run.
   *
   * @return false at the end, after the digest was found right
   * @throws KedgeException with VERIFICATION_FAILED where the file is damaged
   */
  public boolean next() {
    if (ended) {
      return false;
    }
    int at = take(SumsFormat.RUN_BYTES);
    int code = bytes.getInt(at);
    firstCluster = bytes.getLong(at + 8);
    count = bytes.getLong(at + 16);
    if (bytes.getInt(at + 4) != 0) {
      throw impossibleRun();
    }
    if (code == SumsFormat.KIND_END) {
      end();
      return false;
    }
    startRun(code);
    return true;
  }

  private void startRun(int code) {
    long clusters = SumsFormat.clusters(imageSizeBytes, clusterSizeBytes);
    boolean data = code == SumsFormat.KIND_DATA;
    if ((!data && code != SumsFormat.KIND_ZERO)
        || count < 1
        || firstCluster < nextCluster
        || count > clusters
        || firstCluster > clusters - count
        || (data && count > SumsFormat.MAX_DATA_RUN)) {
      throw impossibleRun();
    }
    nextCluster = firstCluster + count;
    kind = data ? Kind.DATA : Kind.ZERO;
    if (data) {
      sumsAt = take((int) count * Checksum.BYTES);
      dataClusters += count;
    } else {
      zeroClusters += count;
    }
  }

  private void end() {
    if (firstCluster != dataClusters || count != zeroClusters || sequence.has(1)) {
      throw damaged("ends where it should not");
    }
    if (!sequence.digest().equals(expectedDigest)) {
      throw damaged("does not have the digest that the manifest names");
    }
    ended = true;
    count = 0;
  }

  /** The kind of the current run. */
  public Kind kind() {
    return kind;
  }

  /** The number of the current run's first cluster. */
  public long firstCluster() {
    return firstCluster;
  }

  /** How many clusters the current run has; at most 4096 of data. */
  public long count() {
    return count;
  }

  /** The upper half of a checksum of the current data run, by its index from 0. */
  public long high(int index) {
    return bytes.getLong(sumsAt + checkIndex(index) * Checksum.BYTES);
  }

  /** The lower half of a checksum of the current data run, by its index from 0. */
  public long low(int index) {
    return bytes.getLong(sumsAt + checkIndex(index) * Checksum.BYTES + Long.BYTES);
  }

  /** A checksum of the current data run, by its index from 0. */
  public Checksum checksum(int index) {
    return new Checksum(high(index), low(index));
  }

  private int checkIndex(int index) {
    if (kind != Kind.DATA || index < 0 || index >= count) {
      throw new IndexOutOfBoundsException(index);
    }
    return index;
  }

  private int take(int count) {
    if (!sequence.has(count)) {
      throw damaged("ends in the middle of a run");
    }
    return sequence.take(count);
  }

  private KedgeException impossibleRun() {
    return damaged("holds an impossible run before byte " + sequence.position());
  }

  private KedgeException damaged(String how) {
    return new KedgeException(
        ErrorCode.VERIFICATION_FAILED,
        "The checksums of a restore point are damaged: " + name + " " + how);
  }

  @Override
  public void close() {
    input.close();
  }
}
