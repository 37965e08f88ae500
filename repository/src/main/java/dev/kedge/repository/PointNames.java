package dev.kedge.repository;

import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The names of a restore point's objects inside its image's folder. */
final class PointNames {
  private static final String DATA = ".qcow2";
  private static final String SUMS = ".sums";
  private static final String MANIFEST = ".json";
  private static final int UUID_CHARS = 36;
  private static final Pattern LATER_SUMS = Pattern.compile(".{36}\\.[1-9][0-9]{0,17}\\.sums");

  private PointNames() {}

  static String data(UUID point) {
    return point + DATA;
  }

  static String sums(UUID point) {
    return point + SUMS;
  }

  /** The checksums of a restore point that this many times took another one's place. */
  static String sums(UUID point, long generation) {
    return generation == 0 ? sums(point) : point + "." + generation + SUMS;
  }

  /** Which of a restore point's sums files a name is. */
  static long sumsGeneration(String baseName) {
    String middle = baseName.substring(UUID_CHARS, baseName.length() - SUMS.length());
    return middle.isEmpty() ? 0 : Long.parseLong(middle.substring(1));
  }

  static String manifest(UUID point) {
    return point + MANIFEST;
  }

  /** The restore point whose manifest, or tombstone, has this name; null for any other name. */
  static @Nullable UUID ofManifest(String baseName) {
    return of(baseName, MANIFEST);
  }

  /** The restore point whose data or checksums have this name; null for any other name. */
  static @Nullable UUID ofPayload(String baseName) {
    UUID data = of(baseName, DATA);
    if (data != null) {
      return data;
    }
    return LATER_SUMS.matcher(baseName).matches()
        ? Uuids.parseOrNull(baseName.substring(0, UUID_CHARS))
        : of(baseName, SUMS);
  }

  private static @Nullable UUID of(String baseName, String ending) {
    return baseName.endsWith(ending)
        ? Uuids.parseOrNull(baseName.substring(0, baseName.length() - ending.length()))
        : null;
  }
}
