package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.regex.Pattern;

/**
 * Which names an object may have: parts of letters, digits, {@code . _ -} that do not start with a
 * dot, with {@code /} between them. So no name leaves the target, and names that start with a dot
 * are the target's own.
 */
public final class ObjectName {
  private static final String PART = "[A-Za-z0-9_][A-Za-z0-9._-]{0,199}";
  private static final Pattern NAME = Pattern.compile(PART + "(?:/" + PART + "){0,7}");
  private static final Pattern PREFIX = Pattern.compile("(?:" + PART + "/){0,7}(?:" + PART + ")?");

  private ObjectName() {}

  /** Returns the name if it is one. */
  public static String check(String name) {
    if (!NAME.matcher(name).matches()) {
      throw refused(name);
    }
    return name;
  }

  /** Returns the prefix if it can be one: empty, a folder with its slash, or a name's start. */
  public static String checkPrefix(String prefix) {
    if (!PREFIX.matcher(prefix).matches()) {
      throw refused(prefix);
    }
    return prefix;
  }

  private static KedgeException refused(String name) {
    String shown = name.length() > 80 ? name.substring(0, 80) + "..." : name;
    return new KedgeException(
        ErrorCode.REFUSED,
        "'"
            + shown.replaceAll("\\p{Cntrl}", "?")
            + "' is no name that Kedge gives to an object; nothing was read or written");
  }
}
