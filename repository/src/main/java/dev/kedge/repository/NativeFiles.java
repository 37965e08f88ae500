package dev.kedge.repository;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * What the JDK has no call for: locks that belong to an open file and not to the process
 * (F_OFD_SETLK, fcntl(2)), and fallocate(2). The numbers are those of Linux on x86-64 and arm64.
 * Thread-safe.
 *
 * <p>The JDK's own locks are of the process: two readers in one server could not both have one, and
 * the first to close would drop that of the other.
 */
final class NativeFiles {
  private static final int O_RDONLY = 0;
  private static final int O_RDWR = 2;
  private static final int O_CLOEXEC = 0x80000;
  private static final int F_OFD_GETLK = 36;
  private static final int F_OFD_SETLK = 37;
  private static final short F_RDLCK = 0;
  private static final short F_WRLCK = 1;
  private static final short F_UNLCK = 2;
  private static final int FALLOC_FL_KEEP_SIZE = 1;
  private static final int FALLOC_FL_PUNCH_HOLE = 2;
  private static final int EINTR = 4;
  private static final int EAGAIN = 11;
  private static final int EACCES = 13;
  private static final int EINVAL = 22;
  private static final int ENOLCK = 37;
  private static final int ENOSYS = 38;
  private static final int EOPNOTSUPP = 95;

  /**
   * What readers lock: one byte, far from those near 100 and 200 that QEMU locks
   * (block/file-posix.c, RAW_LOCK_PERM_BASE), or it would take a reader for somebody who shares
   * with nobody.
   */
  private static final long READERS_AT = 1L << 61;

  /** What the one writer locks. */
  private static final long WRITER_AT = 1L << 62;

  // struct flock { short l_type, l_whence; off_t l_start, l_len; pid_t l_pid; }
  private static final StructLayout FLOCK =
      MemoryLayout.structLayout(
          JAVA_SHORT.withName("type"),
          JAVA_SHORT.withName("whence"),
          MemoryLayout.paddingLayout(4),
          JAVA_LONG.withName("start"),
          JAVA_LONG.withName("length"),
          JAVA_INT.withName("pid"),
          MemoryLayout.paddingLayout(4));
  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final long ERRNO =
      STATE.byteOffset(MemoryLayout.PathElement.groupElement("errno"));

  /**
   * One shape for all four, since the JVM takes 8 ms to make one: integers and pointers travel in
   * registers as long, the narrower ones in the low bits, and a function does not look at those
   * that it has no parameter for (System V ABI for x86-64, 3.2.3; AAPCS64, 6.8.2). open and fcntl
   * are variadic, which the others do not mind.
   */
  private static final FunctionDescriptor SHAPE =
      FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private static final MethodHandle OPEN = bind("open");
  private static final MethodHandle FCNTL = bind("fcntl");
  private static final MethodHandle FALLOCATE = bind("fallocate");
  private static final MethodHandle CLOSE = bind("close");

  private NativeFiles() {}

  private static MethodHandle bind(String name) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name),
        SHAPE,
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(2));
  }

  /** What a call returned, or its errno as a negative number. */
  private static int call(
      Arena arena, MethodHandle function, long first, long second, long third, long fourth) {
    MemorySegment state = arena.allocate(STATE);
    while (true) {
      int result;
      try {
        result = (int) function.invokeExact(state, first, second, third, fourth);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new AssertionError("a native function throws nothing", e);
      }
      int errno = state.get(JAVA_INT, ERRNO);
      if (result >= 0) {
        return result;
      }
      if (errno != EINTR) {
        return -errno;
      }
    }
  }

  /** Opens a file for reading, or for reading and writing; returns its number. */
  static int open(Path file, boolean writable) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment path = arena.allocateFrom(file.toString());
      int flags = (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC;
      int fd = call(arena, OPEN, path.address(), flags, 0, 0);
      if (fd >= 0) {
        return fd;
      }
      // The JDK finds the exception that fits.
      Set<? extends OpenOption> options =
          writable ? Set.of(StandardOpenOption.WRITE) : Set.of(StandardOpenOption.READ);
      FileChannel.open(file, options).close();
      throw new NoSuchFileException(file.toString(), null, "it came and went");
    }
  }

  /** The file behind a number, for the JDK to open once more, whatever its name is by now. */
  static Path path(int fd) {
    return Path.of("/proc/self/fd/" + fd);
  }

  static void close(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      int _ = call(arena, CLOSE, fd, 0, 0, 0);
    }
  }

  /** Says that somebody reads, until the number is closed; nothing where nobody could be told. */
  static void lockAsReader(int fd) {
    int _ = lock(fd, F_OFD_SETLK, F_RDLCK, READERS_AT, 1, true);
  }

  /** Becomes the one writer; false where there is another. */
  static boolean lockAsWriter(int fd) throws IOException {
    int result = lock(fd, F_OFD_SETLK, F_WRLCK, WRITER_AT, 1, true);
    return switch (-result) {
      case EAGAIN, EACCES -> false;
      // No locks here, neither for readers nor for writers: the lease alone has to do.
      case ENOLCK, ENOSYS, EOPNOTSUPP, EINVAL -> true;
      default -> {
        if (result < 0) {
          throw new IOException("it cannot be locked (errno " + -result + ")");
        }
        yield true;
      }
    };
  }

  /** Whether anybody reads, QEMU too; true where that cannot be told. */
  static boolean hasReaders(int fd) {
    return lock(fd, F_OFD_GETLK, F_WRLCK, 0, READERS_AT + 1, false) != F_UNLCK;
  }

  /** For GETLK the kind of the lock that is in the way. */
  private static int lock(int fd, int command, short kind, long start, long length, boolean set) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment flock = arena.allocate(FLOCK);
      flock.set(ValueLayout.JAVA_SHORT, 0, kind);
      flock.set(JAVA_LONG, 8, start);
      flock.set(JAVA_LONG, 16, length);
      int result = call(arena, FCNTL, fd, command, flock.address(), 0);
      return result < 0 || set ? result : flock.get(ValueLayout.JAVA_SHORT, 0);
    }
  }

  /** Gives a range's space back; false where the file system cannot. */
  static boolean punchHole(int fd, long position, long lengthBytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
      int result = call(arena, FALLOCATE, fd, mode, position, lengthBytes);
      if (result == -EOPNOTSUPP || result == -ENOSYS) {
        return false;
      }
      if (result < 0) {
        throw new IOException("space cannot be given back (errno " + -result + ")");
      }
      return true;
    }
  }
}
