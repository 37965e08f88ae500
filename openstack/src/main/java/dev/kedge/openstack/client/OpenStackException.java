package dev.kedge.openstack.client;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import org.jspecify.annotations.Nullable;

/** A request to an OpenStack API that failed: the service, the request, and its id for the logs. */
public final class OpenStackException extends KedgeException {
  /** The status of a request that got no answer. */
  public static final int NO_ANSWER = 0;

  private static final long serialVersionUID = 1L;

  private final int httpStatus;
  private final boolean outcomeUnknown;

  OpenStackException(
      ErrorCode code,
      String message,
      int httpStatus,
      boolean outcomeUnknown,
      @Nullable Throwable cause) {
    super(code, message, cause);
    this.httpStatus = httpStatus;
    this.outcomeUnknown = outcomeUnknown;
  }

  /** The answer's HTTP status, or {@link #NO_ANSWER}. */
  public int httpStatus() {
    return httpStatus;
  }

  /** Whether the service may have done what it was asked for all the same. */
  public boolean outcomeUnknown() {
    return outcomeUnknown;
  }
}
