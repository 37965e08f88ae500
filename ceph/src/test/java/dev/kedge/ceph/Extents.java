package dev.kedge.ceph;

import dev.kedge.ceph.testing.LabCeph;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Diffs as comparable text, by librbd and by the rbd command: {@code offset+length data|zero}. */
final class Extents {
  private static final Pattern JSON =
      Pattern.compile("\"offset\":(\\d+),\"length\":(\\d+),\"exists\":\"(true|false)\"");

  private Extents() {}

  static List<String> of(RbdImage image, @Nullable String from, boolean wholeObject) {
    List<String> extents = new ArrayList<>();
    image.diff(
        from,
        0,
        Long.MAX_VALUE,
        true,
        wholeObject,
        (offset, length, exists) -> extents.add(text(offset, length, exists)));
    return extents;
  }

  static List<String> byRbd(LabCeph ceph, String spec, @Nullable String from, boolean wholeObject) {
    List<String> words = new ArrayList<>(List.of("diff", "--format", "json"));
    if (from != null) {
      words.addAll(List.of("--from-snap", from));
    }
    if (wholeObject) {
      words.add("--whole-object");
    }
    words.add(spec);
    Matcher matcher = JSON.matcher(ceph.rbd(words.toArray(String[]::new)));
    List<String> extents = new ArrayList<>();
    while (matcher.find()) {
      extents.add(
          text(
              Long.parseLong(matcher.group(1)),
              Long.parseLong(matcher.group(2)),
              Boolean.parseBoolean(matcher.group(3))));
    }
    return extents;
  }

  private static String text(long offset, long length, boolean exists) {
    return offset + "+" + length + (exists ? " data" : " zero");
  }
}
