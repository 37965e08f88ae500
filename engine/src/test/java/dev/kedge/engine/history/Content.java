package dev.kedge.engine.history;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** What an image holds, remembered by its length and its digest. */
record Content(long lengthBytes, String sha256) {
  private static final int SECTOR_BYTES = 512;

  static Content of(byte[] bytes) {
    return new Content(bytes.length, digest(bytes));
  }

  static Content of(Path file) {
    try {
      return of(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same followed by the zeroes that fill its last sector, as QCOW2 shows it. */
  static Content inSectors(byte[] bytes) {
    int whole = (bytes.length + SECTOR_BYTES - 1) / SECTOR_BYTES * SECTOR_BYTES;
    return of(Arrays.copyOf(bytes, whole));
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
