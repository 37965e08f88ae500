package dev.kedge.base;

/**
 * What kind of failure a {@link KedgeException} reports. The exit status is part of the command
 * line's contract (docs/cli.md); the HTTP status is what the server answers with.
 */
public enum ErrorCode {
  /** Anything that has no code of its own. */
  FAILED(1, 500),
  /** The request contradicts the state of things, and doing it could lose data. */
  REFUSED(1, 409),
  /** The words of the request cannot be understood. */
  USAGE(2, 400),
  /**
   * An image, pool, snapshot, repository, restore point, or something of OpenStack's does not
   * exist.
   */
  NOT_FOUND(3, 404),
  /** Ceph or an OpenStack API does not answer, or stopped answering. */
  SOURCE_UNREACHABLE(4, 503),
  /** The backup target cannot be read or written. */
  TARGET_UNREACHABLE(5, 503),
  /** The backup target, or the place that a restore writes to, is full. */
  TARGET_FULL(5, 507),
  /** Stored data is damaged, or differs from what it should be. */
  VERIFICATION_FAILED(6, 422),
  /** Somebody else is working on the same object. */
  BUSY(7, 409),
  /** Ceph or Keystone does not know the user, or the key or password is wrong or unreadable. */
  AUTHENTICATION_FAILED(8, 401),
  /** The user is known and may not do this. */
  PERMISSION_DENIED(9, 403),
  /** A native library is missing or too old. */
  LIBRARY_MISSING(10, 500),
  /** It was done, but for some disks, which the result names. */
  INCOMPLETE(11, 207),
  /** The user or the system asked the process to stop. */
  INTERRUPTED(130, 503);

  private final int exitStatus;
  private final int httpStatus;

  ErrorCode(int exitStatus, int httpStatus) {
    this.exitStatus = exitStatus;
    this.httpStatus = httpStatus;
  }

  /** The exit status of the command line. */
  public int exitStatus() {
    return exitStatus;
  }

  /** The HTTP status of the server. */
  public int httpStatus() {
    return httpStatus;
  }
}
