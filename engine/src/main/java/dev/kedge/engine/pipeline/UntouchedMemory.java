package dev.kedge.engine.pipeline;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Off-heap memory that the system provides page by page as it is used. The JDK's own arenas fill
 * theirs with zeroes at once, which takes a thread 50 ms for 20 MiB, and memory that a short run
 * never needs. Thread-safe.
 */
final class UntouchedMemory {
  /** One shape for both, since the JVM takes milliseconds to make one: free has one parameter. */
  private static final FunctionDescriptor SHAPE =
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private static final MethodHandle CALLOC = bind("calloc");
  private static final MethodHandle FREE = bind("free");

  private UntouchedMemory() {}

  private static MethodHandle bind(String name) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), SHAPE);
  }

  private static long call(MethodHandle function, long first, long second) {
    try {
      return (long) function.invokeExact(first, second);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("a native function throws nothing", e);
    }
  }

  /**
   * Memory that reads as zeroes, until the arena is closed.
   *
   * @param alignment a power of two
   * @throws OutOfMemoryError where there is none
   */
  static MemorySegment allocate(Arena arena, long lengthBytes, long alignment) {
    long capacity = Math.addExact(lengthBytes, alignment);
    long address = call(CALLOC, 1, capacity);
    if (address == 0) {
      throw new OutOfMemoryError("no memory for a buffer of " + capacity + " bytes");
    }
    return MemorySegment.ofAddress(address)
        .reinterpret(capacity, arena, memory -> call(FREE, memory.address(), 0))
        .asSlice(-address & (alignment - 1), lengthBytes, alignment);
  }
}
