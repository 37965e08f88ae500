package dev.kedge.repository;

import java.util.HexFormat;
import java.util.Optional;

/**
 * An XXH3-128 checksum. It finds damage, not forgery.
 *
 * @param high the upper 64 bits
 * @param low the lower 64 bits
 */
public record Checksum(long high, long low) {
  /** How many bytes a checksum takes in a file. */
  public static final int BYTES = 16;

  /** The name of the algorithm in manifests. */
  public static final String ALGORITHM = "xxh3-128";

  /** The 32 digits that {@code xxh128sum} prints. */
  public String hex() {
    HexFormat format = HexFormat.of();
    return format.toHexDigits(high) + format.toHexDigits(low);
  }

  /** Reads 32 lower-case hexadecimal digits; empty where the text is anything else. */
  public static Optional<Checksum> parse(String text) {
    if (text.length() != 2 * BYTES || !text.chars().allMatch(Checksum::isDigit)) {
      return Optional.empty();
    }
    return Optional.of(
        new Checksum(
            Long.parseUnsignedLong(text, 0, BYTES, 16),
            Long.parseUnsignedLong(text, BYTES, 2 * BYTES, 16)));
  }

  private static boolean isDigit(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  }

  @Override
  public String toString() {
    return hex();
  }
}
