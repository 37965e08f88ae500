package dev.kedge.ceph;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import org.jspecify.annotations.Nullable;

/** Turns negative return values into exceptions that name the object, the call and the errno. */
final class CephErrors {
  private CephErrors() {}

  /** Returns the value where it is not negative, and throws otherwise. */
  static long check(NativeFunction function, long returnValue, String object) {
    if (returnValue < 0) {
      throw failure(function, returnValue, object);
    }
    return returnValue;
  }

  /** The exception for a negative return value of a call on an object. */
  static KedgeException failure(NativeFunction function, long returnValue, String object) {
    return failure(function.name(), returnValue, object);
  }

  static KedgeException failure(String call, long returnValue, String object) {
    Errno errno = Errno.of(returnValue);
    return new KedgeException(
        code(errno),
        object + " " + advice(errno) + " (" + call + ": " + Errno.describe(returnValue) + ")");
  }

  static ErrorCode code(@Nullable Errno errno) {
    return switch (errno) {
      case ENOENT -> ErrorCode.NOT_FOUND;
      case EPERM, EACCES -> ErrorCode.PERMISSION_DENIED;
      case EBUSY -> ErrorCode.BUSY;
      case ENOSPC, EDQUOT -> ErrorCode.TARGET_FULL;
      case ETIMEDOUT, ECONNREFUSED, EHOSTUNREACH, ENOTCONN, ESHUTDOWN ->
          ErrorCode.SOURCE_UNREACHABLE;
      case null, default -> ErrorCode.FAILED;
    };
  }

  private static String advice(@Nullable Errno errno) {
    return switch (errno) {
      case ENOENT -> "does not exist";
      case EPERM, EACCES ->
          "may not be used so by this Ceph user: check its caps, also on the pool of a clone's parent";
      case EBUSY -> "is in use: end what uses it, and try again";
      case ENOSPC, EDQUOT -> "has no space left: free space, or raise the pool's quota";
      case ETIMEDOUT, ECONNREFUSED, EHOSTUNREACH, ENOTCONN ->
          "cannot be reached: check the cluster's state and the network";
      case ESHUTDOWN -> "is closed to this client, which Ceph has blocklisted";
      case EEXIST -> "exists already";
      case EROFS -> "is read-only";
      case ENOTEMPTY -> "is not empty: remove its snapshots first";
      case null, default -> "failed";
    };
  }
}
