package dev.kedge.engine.restore;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.RbdLocation;
import java.nio.file.Path;
import java.util.Locale;

/** Where a restore goes, as a user names it. */
public sealed interface RestoreDestination {
  /** An RBD image, new or to be overwritten. */
  record Rbd(RbdLocation location) implements RestoreDestination {
    @Override
    public String toString() {
      return location.toString();
    }
  }

  /** A raw file with holes. */
  record RawFile(Path path) implements RestoreDestination {
    @Override
    public String toString() {
      return path.toString();
    }
  }

  /** A QCOW2 file that stands alone. */
  record Qcow2File(Path path) implements RestoreDestination {
    @Override
    public String toString() {
      return path.toString();
    }
  }

  /** Standard output, raw. */
  record Stream() implements RestoreDestination {
    @Override
    public String toString() {
      return "standard output";
    }
  }

  /**
   * Reads {@code rbd:POOL/IMAGE}, {@code FILE.raw}, {@code FILE.img}, {@code FILE.qcow2} or {@code
   * -}.
   *
   * @throws KedgeException with USAGE for anything else
   */
  static RestoreDestination parse(String text) {
    if (text.equals("-")) {
      return new Stream();
    }
    if (RbdLocation.claims(text)) {
      return new Rbd(RbdLocation.parse(text));
    }
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.endsWith(".qcow2")) {
      return new Qcow2File(Path.of(text));
    }
    if (lower.endsWith(".raw") || lower.endsWith(".img")) {
      return new RawFile(Path.of(text));
    }
    throw new KedgeException(
        ErrorCode.USAGE,
        "'"
            + text
            + "' is no place to restore to: use rbd:POOL/IMAGE, FILE.raw, FILE.img, FILE.qcow2 or"
            + " - for standard output");
  }
}
