package dev.kedge.ceph;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * One C function. All integers are {@code long} on the way in and out, so that a few shapes of
 * {@code call} serve the whole API, and few have to be made by the JVM, which takes a millisecond
 * for each; a shape that differs from the declared one is refused by the method handle, never
 * passed on. Thread-safe.
 *
 * <p>A narrower argument lies in the low bits of the register or stack slot, whose other bits mean
 * nothing, on x86-64 (System V ABI, 3.2.3) and arm64 (AAPCS64, 6.8.2) alike; so does a narrower
 * result, whose sign is extended here.
 */
final class NativeFunction {
  /** What a function returns. */
  private enum Result {
    NONE,
    INT,
    LONG;

    static Result of(MemoryLayout layout) {
      if (layout instanceof ValueLayout.OfInt) {
        return INT;
      }
      if (layout instanceof ValueLayout.OfLong) {
        return LONG;
      }
      throw new IllegalArgumentException("no function returns " + layout);
    }
  }

  private final NativeLibrary library;
  private final String name;
  private final FunctionDescriptor descriptor;
  private final Result result;
  private volatile @Nullable MethodHandle bound;

  NativeFunction(NativeLibrary library, String name, FunctionDescriptor descriptor) {
    this.library = library;
    this.name = name;
    this.descriptor = widened(descriptor);
    this.result = descriptor.returnLayout().map(Result::of).orElse(Result.NONE);
  }

  /** The symbol, for messages. */
  String name() {
    return name;
  }

  /** Whether the installed library has it. */
  boolean exists() {
    return library.has(name);
  }

  /** Resolves the symbol now instead of at the first call. */
  void bind() {
    handle();
  }

  private MethodHandle handle() {
    MethodHandle handle = bound;
    if (handle == null) {
      handle = library.bind(name, descriptor);
      bound = handle;
    }
    return handle;
  }

  private static FunctionDescriptor widened(FunctionDescriptor declared) {
    return FunctionDescriptor.of(
        JAVA_LONG,
        declared.argumentLayouts().stream()
            .map(layout -> layout instanceof AddressLayout ? layout : JAVA_LONG)
            .toArray(MemoryLayout[]::new));
  }

  private long result(long register) {
    return result == Result.LONG ? register : result == Result.INT ? (int) register : 0;
  }

  long call(MemorySegment a) {
    try {
      return result((long) handle().invokeExact(a));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, long b) {
    try {
      return result((long) handle().invokeExact(a, b));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, MemorySegment b) {
    try {
      return result((long) handle().invokeExact(a, b));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, MemorySegment b, long c) {
    try {
      return result((long) handle().invokeExact(a, b, c));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, long b, long c) {
    try {
      return result((long) handle().invokeExact(a, b, c));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, long b, MemorySegment c) {
    try {
      return result((long) handle().invokeExact(a, b, c));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, MemorySegment b, MemorySegment c) {
    try {
      return result((long) handle().invokeExact(a, b, c));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, MemorySegment b, MemorySegment c, long d) {
    try {
      return result((long) handle().invokeExact(a, b, c, d));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, MemorySegment b, MemorySegment c, MemorySegment d) {
    try {
      return result((long) handle().invokeExact(a, b, c, d));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, MemorySegment b, MemorySegment c, MemorySegment d, MemorySegment e) {
    try {
      return result((long) handle().invokeExact(a, b, c, d, e));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  long call(MemorySegment a, MemorySegment b, long c, MemorySegment d) {
    try {
      return result((long) handle().invokeExact(a, b, c, d));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, long b, MemorySegment c, long d) {
    try {
      return result((long) handle().invokeExact(a, b, c, d));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, long b, long c, MemorySegment d) {
    try {
      return result((long) handle().invokeExact(a, b, c, d));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, long b, long c, MemorySegment d, MemorySegment e) {
    try {
      return result((long) handle().invokeExact(a, b, c, d, e));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  long call(MemorySegment a, long b, long c, MemorySegment d, long e, long f) {
    try {
      return result((long) handle().invokeExact(a, b, c, d, e, f));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  long call(
      MemorySegment a,
      MemorySegment b,
      MemorySegment c,
      MemorySegment d,
      MemorySegment e,
      MemorySegment f) {
    try {
      return result((long) handle().invokeExact(a, b, c, d, e, f));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  long call(
      MemorySegment a,
      MemorySegment b,
      long c,
      MemorySegment d,
      MemorySegment e,
      MemorySegment f,
      MemorySegment g) {
    try {
      return result((long) handle().invokeExact(a, b, c, d, e, f, g));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  long call(
      MemorySegment a,
      MemorySegment b,
      MemorySegment c,
      long d,
      long e,
      MemorySegment f,
      MemorySegment g) {
    try {
      return result((long) handle().invokeExact(a, b, c, d, e, f, g));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  long call(
      MemorySegment a,
      MemorySegment b,
      long c,
      long d,
      long e,
      long f,
      MemorySegment g,
      MemorySegment h) {
    try {
      return result((long) handle().invokeExact(a, b, c, d, e, f, g, h));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static RuntimeException unexpected(Throwable thrown) {
    switch (thrown) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new AssertionError(thrown);
    }
  }
}
