package dev.kedge.repository.s3;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a repository is, as users write it: {@code s3://BUCKET[/PREFIX]}.
 *
 * @param bucket the bucket's name
 * @param prefix what all keys start with: empty, or with a slash at its end
 */
record S3Location(String bucket, String prefix) {
  static final String SCHEME = "s3://";

  /** RGW lets buckets have capitals and underscores, which AWS does not. */
  private static final Pattern SYNTAX =
      Pattern.compile("s3://([A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9])(?:/(.*))?");

  /** What AWS calls safe in keys, without the slash. */
  private static final Pattern PART = Pattern.compile("[A-Za-z0-9!_.*'()@=+ -]+");

  /** A key may have 1024 bytes, the repository's own names take up to 130. */
  private static final int MAX_PREFIX_BYTES = 800;

  /** Throws USAGE where the text is no such location. */
  static S3Location parse(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    if (!matcher.matches()) {
      throw unusable(text, "write s3://BUCKET/PREFIX");
    }
    String prefix = matcher.group(2) == null ? "" : matcher.group(2).replaceAll("/+$", "");
    if (prefix.isEmpty()) {
      return new S3Location(matcher.group(1), "");
    }
    for (String part : prefix.split("/", -1)) {
      if (!PART.matcher(part).matches() || part.equals(".") || part.equals("..")) {
        throw unusable(
            text, "its prefix may have letters, digits, and !_.*'()@=+- between slashes");
      }
    }
    if (prefix.getBytes(StandardCharsets.UTF_8).length > MAX_PREFIX_BYTES) {
      throw unusable(text, "its prefix is longer than " + MAX_PREFIX_BYTES + " bytes");
    }
    return new S3Location(matcher.group(1), prefix + "/");
  }

  private static KedgeException unusable(String text, String why) {
    return new KedgeException(
        ErrorCode.USAGE,
        "'" + text.replaceAll("\\p{Cntrl}", "?") + "' is no place for a repository: " + why);
  }

  /** The key of an object. */
  String key(String name) {
    return prefix + name;
  }

  /** The name of the object with this key, which starts with the prefix. */
  String name(String key) {
    return key.substring(prefix.length());
  }

  @Override
  public String toString() {
    String whole = SCHEME + bucket + "/" + prefix;
    return whole.substring(0, whole.length() - 1);
  }
}
