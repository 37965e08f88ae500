package dev.kedge.repository.s3;

/**
 * How an object is cut into parts. S3 takes 10,000 of at most 5 GiB; memory takes small ones only.
 * So the first ones are sent as they are filled, and each later one is gathered in an object of its
 * own first, which the store then copies.
 *
 * @param partBytes the length of a part in memory; S3 wants at least 5 MiB
 * @param directParts how many are sent as they are
 * @param gatheredBytes the length of each later one
 */
record PartLimits(int partBytes, int directParts, long gatheredBytes) {
  private static final int MAX_PARTS = 10_000;

  /** 39 GiB of the smallest parts that S3 takes, and then 5.1 TiB; S3 ends at 5 TiB. */
  static final PartLimits DEFAULT = new PartLimits(5 << 20, 8_000, 2688L << 20);

  long maxLengthBytes() {
    return (long) partBytes * directParts + gatheredBytes * (MAX_PARTS - directParts);
  }
}
