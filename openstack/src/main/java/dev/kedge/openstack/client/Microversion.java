package dev.kedge.openstack.client;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A step of an API's evolution:
 * https://specs.openstack.org/openstack/api-sig/guidelines/microversion_specification.html
 */
public record Microversion(int major, int minor) implements Comparable<Microversion> {
  private static final Pattern SYNTAX = Pattern.compile("v?(\\d{1,4})\\.(\\d{1,6})");
  private static final Comparator<Microversion> ORDER =
      Comparator.comparingInt(Microversion::major).thenComparingInt(Microversion::minor);

  /** Reads {@code 2.79}; empty where it is something else. */
  public static Optional<Microversion> parse(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    return matcher.matches()
        ? Optional.of(
            new Microversion(
                Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
        : Optional.empty();
  }

  /** Whether what came with that version is there. */
  public boolean atLeast(int itsMajor, int itsMinor) {
    return compareTo(new Microversion(itsMajor, itsMinor)) >= 0;
  }

  @Override
  public int compareTo(Microversion other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
