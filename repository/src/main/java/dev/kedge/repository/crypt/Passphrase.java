package dev.kedge.repository.crypt;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a person or a file says to open a repository: its bytes, in UTF-8. Immutable. */
public final class Passphrase {
  private final byte[] bytes;

  private Passphrase(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A passphrase of these bytes. */
  public static Passphrase of(byte[] bytes) {
    return new Passphrase(bytes.clone());
  }

  /** A passphrase of these characters. */
  public static Passphrase of(String text) {
    return new Passphrase(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether another one has the same bytes. */
  public boolean isSame(Passphrase other) {
    return Arrays.equals(bytes, other.bytes);
  }

  byte[] bytes() {
    return bytes.clone();
  }

  /** Says nothing of the passphrase. */
  @Override
  public String toString() {
    return "Passphrase";
  }
}
