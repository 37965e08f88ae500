package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A restore point's id as users type it: whole, or its start. */
record PointPrefix(String text) {
  private static final Pattern SYNTAX = Pattern.compile("[0-9a-f][0-9a-f-]{0,35}");
  private static final int SHOWN_CANDIDATES = 10;

  /** Throws USAGE where the text cannot be the start of an id. */
  static PointPrefix parse(String text) {
    String prefix = text.strip().toLowerCase(Locale.ROOT);
    if (!SYNTAX.matcher(prefix).matches()) {
      throw new KedgeException(ErrorCode.USAGE, "'" + text + "' is no id of a restore point");
    }
    return new PointPrefix(prefix);
  }

  boolean matches(UUID id) {
    return id.toString().startsWith(text);
  }

  KedgeException ambiguous(List<UUID> candidates) {
    String shown =
        candidates.stream()
            .limit(SHOWN_CANDIDATES)
            .map(UUID::toString)
            .collect(Collectors.joining(", "));
    int more = candidates.size() - SHOWN_CANDIDATES;
    return new KedgeException(
        ErrorCode.USAGE,
        "Several restore points start with %s: %s%s"
            .formatted(text, shown, more > 0 ? " and " + more + " more" : ""));
  }
}
