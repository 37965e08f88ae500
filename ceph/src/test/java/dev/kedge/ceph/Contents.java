package dev.kedge.ceph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;

/** Assertions about large contents, which AssertJ would box byte by byte. */
final class Contents {
  private Contents() {}

  /** Asserts the content to be the expected one, and names the first byte that differs. */
  static void assertSame(byte[] actual, byte[] expected) {
    assertThat(Arrays.mismatch(actual, expected)).as("first differing byte").isEqualTo(-1);
  }

  /** Asserts that so many bytes have one value. */
  static void assertFilled(byte[] actual, long lengthBytes, int value) {
    byte[] expected = new byte[Math.toIntExact(lengthBytes)];
    Arrays.fill(expected, (byte) value);
    assertSame(actual, expected);
  }
}
