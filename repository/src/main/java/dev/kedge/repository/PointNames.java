package dev.kedge.repository;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The names of a restore point's objects inside its image's folder. */
final class PointNames {
  private static final String DATA = ".qcow2";
  private static final String SUMS = ".sums";
  private static final String MANIFEST = ".json";

  private PointNames() {}

  static String data(UUID point) {
    return point + DATA;
  }

  static String sums(UUID point) {
    return point + SUMS;
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
    return data == null ? of(baseName, SUMS) : data;
  }

  private static @Nullable UUID of(String baseName, String ending) {
    return baseName.endsWith(ending)
        ? Uuids.parseOrNull(baseName.substring(0, baseName.length() - ending.length()))
        : null;
  }
}
