package dev.kedge.ceph;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** C strings, UTF-8. */
final class CStrings {
  private CStrings() {}

  /** A copy in native memory; NULL for null. */
  static MemorySegment of(Arena arena, @Nullable String text) {
    if (text == null) {
      return MemorySegment.NULL;
    }
    if (text.indexOf('\0') >= 0) {
      // C would take the part before it, and name another object.
      throw new KedgeException(ErrorCode.USAGE, "a name must not hold a NUL character");
    }
    return arena.allocateFrom(text);
  }

  /** The text that a native pointer names; empty for NULL. */
  static String at(MemorySegment pointer) {
    return pointer.address() == 0 ? "" : pointer.reinterpret(Long.MAX_VALUE).getString(0);
  }

  /** The texts of a buffer in which a NUL ends each; an empty one ends the list. */
  static List<String> list(MemorySegment buffer) {
    List<String> texts = new ArrayList<>();
    long start = 0;
    while (start < buffer.byteSize()) {
      String text = buffer.getString(start);
      if (text.isEmpty()) {
        break;
      }
      texts.add(text);
      start += text.getBytes(StandardCharsets.UTF_8).length + 1L;
    }
    return texts;
  }
}
