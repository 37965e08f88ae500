package dev.kedge.base;

import org.jspecify.annotations.Nullable;

/**
 * A failure that a user can read: what failed, on which object, and what can be done. The message
 * is one line; it names the object, and never holds a key.
 */
public class KedgeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  /** A failure without a cause of its own. */
  public KedgeException(ErrorCode code, String message) {
    this(code, message, null);
  }

  /** A failure with the exception that led to it. */
  public KedgeException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** The kind of failure. */
  public ErrorCode code() {
    return code;
  }

  /** The message; never null. */
  @Override
  public String getMessage() {
    String message = super.getMessage();
    return message == null ? code.name() : message;
  }
}
