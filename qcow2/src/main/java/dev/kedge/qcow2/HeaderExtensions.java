package dev.kedge.qcow2;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the header extensions say: the backing format, whether there are bitmaps, and the names of
 * incompatible features.
 */
record HeaderExtensions(
    @Nullable String backingFormat, boolean bitmaps, Map<Integer, String> incompatibleNames) {
  private static final int MAX_FORMAT_BYTES = 64;
  private static final int NAME_ENTRY_BYTES = 48;

  static HeaderExtensions none() {
    return new HeaderExtensions(null, false, Map.of());
  }

  /** Reads the extensions that fill the buffer; each step consumes at least eight bytes of it. */
  static HeaderExtensions decode(ByteBuffer area, String file) {
    String format = null;
    boolean bitmaps = false;
    Map<Integer, String> names = new HashMap<>();
    while (area.remaining() >= 8) {
      int type = area.getInt();
      int length = area.getInt();
      if (type == Qcow2Header.EXTENSION_END) {
        break;
      }
      if (length < 0 || length > area.remaining()) {
        throw Damage.damaged(file, "a header extension exceeds the header");
      }
      ByteBuffer body = area.slice(area.position(), length);
      switch (type) {
        case Qcow2Header.EXTENSION_BACKING_FORMAT -> format = format(body, file);
        case Qcow2Header.EXTENSION_BITMAPS -> bitmaps = true;
        case Qcow2Header.EXTENSION_FEATURE_NAMES -> addNames(body, names);
        default -> {} // the specification lets a reader ignore what it does not know
      }
      area.position(Math.min(area.limit(), area.position() + ((length + 7) & -8)));
    }
    return new HeaderExtensions(format, bitmaps, names);
  }

  private static String format(ByteBuffer body, String file) {
    if (body.remaining() > MAX_FORMAT_BYTES) {
      throw Damage.damaged(file, "the name of the backing format is too long");
    }
    return StandardCharsets.UTF_8.decode(body).toString();
  }

  private static void addNames(ByteBuffer body, Map<Integer, String> names) {
    while (body.remaining() >= NAME_ENTRY_BYTES) {
      ByteBuffer entry = body.slice(body.position(), NAME_ENTRY_BYTES);
      body.position(body.position() + NAME_ENTRY_BYTES);
      if (entry.get() == 0) {
        int bit = entry.get();
        names.put(bit, StandardCharsets.UTF_8.decode(entry).toString().replace("\0", ""));
      }
    }
  }
}
