package dev.kedge.ceph;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * One C function. All integers are widened to {@code long} on the way in and out, so that a few
 * shapes of {@code call} serve the whole API; a shape that differs from the declared one is refused
 * by the method handle, never passed on. Thread-safe.
 */
final class NativeFunction {
  private final NativeLibrary library;
  private final String name;
  private final FunctionDescriptor descriptor;
  private volatile @Nullable MethodHandle bound;

  NativeFunction(NativeLibrary library, String name, FunctionDescriptor descriptor) {
    this.library = library;
    this.name = name;
    this.descriptor = descriptor;
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
      handle = widened(library.bind(name, descriptor));
      bound = handle;
    }
    return handle;
  }

  private static MethodHandle widened(MethodHandle exact) {
    MethodType type = exact.type().changeReturnType(long.class);
    for (int i = 0; i < type.parameterCount(); i++) {
      if (type.parameterType(i).isPrimitive()) {
        type = type.changeParameterType(i, long.class);
      }
    }
    return MethodHandles.explicitCastArguments(exact, type);
  }

  long call(MemorySegment a) {
    try {
      return (long) handle().invokeExact(a);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, long b) {
    try {
      return (long) handle().invokeExact(a, b);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, MemorySegment b) {
    try {
      return (long) handle().invokeExact(a, b);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, MemorySegment b, long c) {
    try {
      return (long) handle().invokeExact(a, b, c);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, long b, long c) {
    try {
      return (long) handle().invokeExact(a, b, c);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, long b, MemorySegment c) {
    try {
      return (long) handle().invokeExact(a, b, c);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, MemorySegment b, MemorySegment c) {
    try {
      return (long) handle().invokeExact(a, b, c);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, MemorySegment b, MemorySegment c, long d) {
    try {
      return (long) handle().invokeExact(a, b, c, d);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, MemorySegment b, MemorySegment c, MemorySegment d) {
    try {
      return (long) handle().invokeExact(a, b, c, d);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, MemorySegment b, long c, MemorySegment d) {
    try {
      return (long) handle().invokeExact(a, b, c, d);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, long b, MemorySegment c, long d) {
    try {
      return (long) handle().invokeExact(a, b, c, d);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, long b, long c, MemorySegment d) {
    try {
      return (long) handle().invokeExact(a, b, c, d);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long call(MemorySegment a, long b, long c, MemorySegment d, MemorySegment e) {
    try {
      return (long) handle().invokeExact(a, b, c, d, e);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  long call(MemorySegment a, long b, long c, MemorySegment d, long e, long f) {
    try {
      return (long) handle().invokeExact(a, b, c, d, e, f);
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
      return (long) handle().invokeExact(a, b, c, d, e, f);
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
      return (long) handle().invokeExact(a, b, c, d, e, f, g);
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
      return (long) handle().invokeExact(a, b, c, d, e, f, g, h);
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
