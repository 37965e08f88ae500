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

  private final String name;
  private final ObjectInput input;
  private final Checksum expectedDigest;
  private final ChecksumStream digest = new ChecksumStream();
  private final ByteBuffer header = ByteBuffer.allocate(SumsFormat.HEADER_BYTES);
  private final ByteBuffer sums = ByteBuffer.allocate(SumsFormat.MAX_DATA_RUN * Checksum.BYTES);
  private final long lengthBytes;
  private final int clusterSizeBytes;
  private final long imageSizeBytes;

  private long position;
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
    this.lengthBytes = lengthBytes;
    this.expectedDigest = expectedDigest;
    if (input.lengthBytes() != lengthBytes) {
      throw damaged("has " + input.lengthBytes() + " bytes instead of " + lengthBytes);
    }
    read(header, SumsFormat.HEADER_BYTES);
    if (header.getLong(0) != SumsFormat.MAGIC) {
      throw damaged("is no sums file");
    }
    checkVersion();
    long clusterSize = header.getLong(16);
    this.imageSizeBytes = header.getLong(24);
    if (clusterSize < 512
        || clusterSize > 2 << 20
        || Long.bitCount(clusterSize) != 1
        || imageSizeBytes < 0) {
      throw damaged("names an impossible cluster or image size");
    }
    this.clusterSizeBytes = (int) clusterSize;
  }

  private void checkVersion() {
    if (header.getInt(8) != SumsFormat.VERSION
        || header.getInt(12) != SumsFormat.ALGORITHM_XXH3_128) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "%s has version %d with algorithm %d, which this Kedge does not know: use a newer one"
              .formatted(name, header.getInt(8), header.getInt(12)));
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
    read(header, SumsFormat.RUN_BYTES);
    int code = header.getInt(0);
    firstCluster = header.getLong(8);
    count = header.getLong(16);
    if (header.getInt(4) != 0) {
      throw damaged("holds an unknown run at byte " + (position - SumsFormat.RUN_BYTES));
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
      throw damaged("holds an impossible run at byte " + (position - SumsFormat.RUN_BYTES));
    }
    nextCluster = firstCluster + count;
    kind = data ? Kind.DATA : Kind.ZERO;
    if (data) {
      read(sums, (int) count * Checksum.BYTES);
      dataClusters += count;
    } else {
      zeroClusters += count;
    }
  }

  private void end() {
    if (firstCluster != dataClusters || count != zeroClusters || position != lengthBytes) {
      throw damaged("ends where it should not");
    }
    if (!digest.checksum().equals(expectedDigest)) {
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
    return sums.getLong(checkIndex(index) * Checksum.BYTES);
  }

  /** The lower half of a checksum of the current data run, by its index from 0. */
  public long low(int index) {
    return sums.getLong(checkIndex(index) * Checksum.BYTES + Long.BYTES);
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

  private void read(ByteBuffer buffer, int bytes) {
    if (bytes > lengthBytes - position) {
      throw damaged("ends in the middle of a run");
    }
    buffer.clear().limit(bytes);
    input.readFully(position, buffer);
    buffer.flip();
    digest.update(buffer);
    position += bytes;
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
