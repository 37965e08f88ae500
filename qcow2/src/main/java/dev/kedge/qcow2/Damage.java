package dev.kedge.qcow2;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import org.jspecify.annotations.Nullable;

/** The two ways in which a file is turned down. */
final class Damage {
  private Damage() {}

  /** The file contradicts itself, or its end is missing. */
  static KedgeException damaged(String file, String what) {
    return damaged(file, what, null);
  }

  static KedgeException damaged(String file, String what, @Nullable Throwable cause) {
    return new KedgeException(
        ErrorCode.VERIFICATION_FAILED, file + ": damaged QCOW2 file: " + what, cause);
  }

  /** The file may be sound, but we do not read its kind. */
  static KedgeException unsupported(String file, String what) {
    return new KedgeException(
        ErrorCode.REFUSED,
        file + ": " + what + " is not supported; convert it with qemu-img first");
  }
}
