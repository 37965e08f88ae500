package dev.kedge.qcow2;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.nio.charset.StandardCharsets;

/** Which backing names may be written and followed: a plain name in the same directory. */
final class BackingNames {
  static final int MAX_BYTES = 1023;
  private static final int SHOWN_CHARS = 80;

  private BackingNames() {}

  /**
   * Returns the name where it is plain.
   *
   * @throws KedgeException with REFUSED for a path, a protocol ("json:", "nbd:"), "..", a control
   *     character or more than 1023 bytes
   */
  static String requirePlain(String name, String ofFile) {
    boolean plain =
        !name.isEmpty()
            && name.getBytes(StandardCharsets.UTF_8).length <= MAX_BYTES
            && !name.equals(".")
            && !name.equals("..")
            && name.chars().noneMatch(BackingNames::isForbidden);
    if (!plain) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          ofFile
              + ": backing file "
              + quote(name)
              + " is not a plain file name in the same directory; it is not followed");
    }
    return name;
  }

  // A colon would make QEMU read a protocol: "json:{...}", "nbd://...", "file:...".
  private static boolean isForbidden(int c) {
    return c == '/' || c == '\\' || c == ':' || c == 0xfffd || Character.isISOControl(c);
  }

  /** Text from a file, made fit for a one-line message. */
  static String quote(String text) {
    StringBuilder shown = new StringBuilder("'");
    int end = Math.min(text.length(), SHOWN_CHARS);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      shown.append(c < 0x20 || c == 0xfffd || Character.isISOControl(c) ? '?' : c);
    }
    return shown.append(end < text.length() ? "...'" : "'").toString();
  }
}
