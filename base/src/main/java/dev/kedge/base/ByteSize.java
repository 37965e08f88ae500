package dev.kedge.base;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people write and read them: {@code 64K}, {@code 1.5 GiB}. Binary units only. */
public final class ByteSize {
  private static final Pattern SYNTAX =
      Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([KMGTPE]?)(?:i?B)?", Pattern.CASE_INSENSITIVE);
  private static final String UNITS = "KMGTPE";

  private ByteSize() {}

  /**
   * Reads a size in bytes: a number, optionally with K, M, G, T, P or E (powers of 1024),
   * optionally followed by B or iB.
   *
   * @throws KedgeException with USAGE where the text is no size, or exceeds 2^63 - 1
   */
  public static long parse(String text) {
    Matcher matcher = SYNTAX.matcher(text.strip());
    if (!matcher.matches()) {
      throw notASize(text);
    }
    String unit = matcher.group(2).toUpperCase(Locale.ROOT);
    double bytes =
        Double.parseDouble(matcher.group(1))
            * Math.pow(1024, unit.isEmpty() ? 0 : UNITS.indexOf(unit) + 1);
    if (bytes >= 0x1p63) {
      throw notASize(text);
    }
    return (long) bytes;
  }

  /** A size with a binary unit and at most one decimal: {@code 512 MiB}, {@code 1.5 GiB}. */
  public static String format(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    int exponent = Math.min((63 - Long.numberOfLeadingZeros(bytes)) / 10, UNITS.length());
    double value = bytes / Math.pow(1024, exponent);
    String number = String.format(Locale.ROOT, value == Math.rint(value) ? "%.0f" : "%.1f", value);
    return number + " " + UNITS.charAt(exponent - 1) + "iB";
  }

  private static KedgeException notASize(String text) {
    return new KedgeException(
        ErrorCode.USAGE,
        "'" + text + "' is not a size: write a number of bytes or 64K, 200M, 1.5G");
  }
}
