package dev.kedge.ceph.testing;

import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The placement group of an image's header, and the OSDs that serve it. */
final class HeaderGroup {
  private static final Pattern MAPPING =
      Pattern.compile("\"pgid\":\"([^\"]+)\".*\"acting\":\\[(\\d+)(?:,(\\d+))?");

  private final LabCeph lab;
  private final String pool;
  private final String object;
  private final Matcher mapping;

  private HeaderGroup(LabCeph lab, String pool, String object, String answer) {
    this.lab = lab;
    this.pool = pool;
    this.object = object;
    this.mapping = MAPPING.matcher(answer);
    if (!mapping.find()) {
      throw new AssertionError("no placement group in " + answer);
    }
  }

  static HeaderGroup of(LabCeph lab, RbdPool where, String image) {
    try (RbdImage handle = where.openReadOnly(image, null)) {
      String object = "rbd_header." + handle.id();
      String answer =
          lab.ceph("osd", "map", where.name(), object, where.namespace(), "--format", "json");
      return new HeaderGroup(lab, where.name(), object, answer);
    }
  }

  String pool() {
    return pool;
  }

  String object() {
    return object;
  }

  int primary() {
    return Integer.parseInt(mapping.group(2));
  }

  int replica() {
    return Integer.parseInt(mapping.group(3));
  }

  /** Has the OSDs read what they know of its objects anew. */
  void repeer() {
    lab.ceph("pg", "repeer", mapping.group(1));
  }
}
