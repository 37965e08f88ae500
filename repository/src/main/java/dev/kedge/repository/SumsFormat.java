package dev.kedge.repository;

/**
 * The numbers of a sums file; all integers are big-endian.
 *
 * <pre>
 * header   32 bytes: "KEDGSUMS", u32 version (1), u32 algorithm (1 = XXH3-128),
 *                    u64 cluster size in bytes, u64 image size in bytes
 * runs     24 bytes: u32 kind, u32 zero, u64 first cluster, u64 count;
 *                    a data run (kind 1, at most 4096 clusters) is followed by
 *                    count x 16 bytes of checksum, a zero run (kind 2) by nothing
 * end      24 bytes: u32 0xffffffff, u32 zero, u64 clusters of data, u64 clusters of zeroes
 * </pre>
 *
 * <p>Runs ascend and do not overlap. A cluster in no run is not in that layer. A checksum covers
 * the cluster as the guest sees it, uncompressed, the last one padded with zeroes.
 */
final class SumsFormat {
  static final long MAGIC = 0x4b45444753554d53L;
  static final int VERSION = 1;
  static final int ALGORITHM_XXH3_128 = 1;
  static final int HEADER_BYTES = 32;
  static final int RUN_BYTES = 24;
  static final int KIND_DATA = 1;
  static final int KIND_ZERO = 2;
  static final int KIND_END = -1;
  static final int MAX_DATA_RUN = 4096;

  private SumsFormat() {}

  /** How many clusters cover an image. */
  static long clusters(long imageSizeBytes, long clusterSizeBytes) {
    return imageSizeBytes / clusterSizeBytes + (imageSizeBytes % clusterSizeBytes == 0 ? 0 : 1);
  }
}
