package dev.kedge.ceph;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The Linux error numbers that Ceph returns. Source: errno(3), asm-generic/errno.h. */
enum Errno {
  EPERM(1, "operation not permitted"),
  ENOENT(2, "no such file or directory"),
  EINTR(4, "interrupted"),
  EIO(5, "input/output error"),
  ENXIO(6, "no such device or address"),
  EAGAIN(11, "try again"),
  ENOMEM(12, "out of memory"),
  EACCES(13, "permission denied"),
  EBUSY(16, "busy"),
  EEXIST(17, "already exists"),
  EXDEV(18, "cross-device link"),
  EINVAL(22, "invalid argument"),
  EFBIG(27, "too large"),
  ENOSPC(28, "no space left"),
  EROFS(30, "read-only"),
  EDOM(33, "out of domain"),
  ERANGE(34, "out of range"),
  ENAMETOOLONG(36, "name too long"),
  ENOSYS(38, "not implemented"),
  ENOTEMPTY(39, "not empty"),
  ENOEXEC(8, "exec format error"),
  EBADMSG(74, "bad message"),
  EILSEQ(84, "malformed data"),
  EOPNOTSUPP(95, "not supported"),
  ESHUTDOWN(108, "this client is blocklisted"),
  ETIMEDOUT(110, "timed out"),
  ECONNREFUSED(111, "connection refused"),
  EHOSTUNREACH(113, "no route to host"),
  ENOTCONN(107, "not connected"),
  EALREADY(114, "already in progress"),
  ESTALE(116, "stale"),
  EDQUOT(122, "quota exceeded"),
  ECANCELED(125, "cancelled"),
  EKEYREJECTED(129, "key rejected");

  private final int number;
  private final String meaning;

  Errno(int number, String meaning) {
    this.number = number;
    this.meaning = meaning;
  }

  /** The value that a C function returns for it: negative. */
  int asReturnValue() {
    return -number;
  }

  /** The errno of a negative return value, or null where it has no name here. */
  static @Nullable Errno of(long returnValue) {
    return Arrays.stream(values())
        .filter(errno -> -errno.number == returnValue)
        .findFirst()
        .orElse(null);
  }

  /** For messages: {@code ENOENT, no such file or directory}. */
  static String describe(long returnValue) {
    Errno errno = of(returnValue);
    return errno == null ? "errno " + -returnValue : errno + ", " + errno.meaning;
  }
}
