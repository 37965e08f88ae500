package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.crypt.Passphrase;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a passphrase from a file, a pipe, or standard input: one line. */
final class PassphraseFile {
  private static final int MAX_BYTES = 4096;

  private static final Set<PosixFilePermission> OF_OWNER =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  private PassphraseFile() {}

  /**
   * Reads it; {@code -} is standard input.
   *
   * @throws KedgeException with AUTHENTICATION_FAILED where that is no passphrase, or others may
   *     read the file
   */
  static Passphrase read(String name) {
    try {
      return Passphrase.of(line(name, content(name)));
    } catch (NoSuchFileException e) {
      throw refused(name, "it does not exist", e);
    } catch (AccessDeniedException e) {
      throw refused(name, "no permission to read it", e);
    } catch (IOException e) {
      throw refused(name, String.valueOf(e.getMessage()), e);
    }
  }

  private static byte[] content(String name) throws IOException {
    if (name.equals("-") || name.equals("/dev/stdin")) {
      return System.in.readNBytes(MAX_BYTES + 1);
    }
    Path file = Path.of(name);
    requirePrivate(name, file);
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(MAX_BYTES + 1);
    }
  }

  /** What is no regular file, as a pipe, has nothing to be read by others. */
  private static void requirePrivate(String name, Path file) throws IOException {
    PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
    if (attributes.isRegularFile() && !OF_OWNER.containsAll(attributes.permissions())) {
      throw refused(name, "others than its owner may use it; chmod 600 " + name, null);
    }
  }

  private static byte[] line(String name, byte[] content) {
    int length = content.length;
    if (length > 0 && content[length - 1] == '\n') {
      length--;
      if (length > 0 && content[length - 1] == '\r') {
        length--;
      }
    }
    byte[] line = Arrays.copyOf(content, length);
    if (length == 0) {
      throw refused(name, "it is empty", null);
    }
    if (content.length > MAX_BYTES) {
      throw refused(name, "it has more than " + MAX_BYTES + " bytes", null);
    }
    for (byte b : line) {
      if (b == '\n' || b == 0) {
        throw refused(name, "a passphrase is one line of text", null);
      }
    }
    return line;
  }

  private static KedgeException refused(String name, String why, @Nullable Throwable cause) {
    return new KedgeException(
        ErrorCode.AUTHENTICATION_FAILED,
        "Cannot take the passphrase from " + name + ": " + why,
        cause);
  }
}
