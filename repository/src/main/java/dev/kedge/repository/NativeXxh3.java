package dev.kedge.repository;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * XXH3-128 by the installed libxxhash, which needs a fifth of the CPU time of Java code that only
 * the quick compiler has seen. Each one has its own place for the result: not thread-safe.
 */
final class NativeXxh3 {
  private static final String SONAME = "libxxhash.so.0";

  // typedef struct { XXH64_hash_t low64; XXH64_hash_t high64; } XXH128_hash_t; xxhash.h 0.8
  private static final StructLayout HASH =
      MemoryLayout.structLayout(JAVA_LONG.withName("low64"), JAVA_LONG.withName("high64"));
  private static final long HIGH_OFFSET = JAVA_LONG.byteSize();

  /** Loaded at first use. */
  private static final class Function {
    static final @Nullable MethodHandle HANDLE = bind();

    private static @Nullable MethodHandle bind() {
      try {
        return SymbolLookup.libraryLookup(SONAME, Arena.global())
            .find("XXH3_128bits")
            .map(symbol ->
                Linker.nativeLinker()
                    .downcallHandle(symbol, FunctionDescriptor.of(HASH, ADDRESS, JAVA_LONG)))
            .orElse(null);
      } catch (IllegalArgumentException e) {
        // Not installed: Java computes the same, only slower.
        return null;
      }
    }
  }

  private final MethodHandle handle;
  private final MemorySegment result = Arena.ofAuto().allocate(HASH);
  private final SegmentAllocator allocator = (bytes, alignment) -> result;

  private NativeXxh3(MethodHandle handle) {
    this.handle = handle;
  }

  /** One of its own for the caller; null where the library is not installed. */
  static @Nullable NativeXxh3 create() {
    MethodHandle handle = Function.HANDLE;
    return handle == null ? null : new NativeXxh3(handle);
  }

  /** The checksum of a segment off the heap. */
  Checksum of(MemorySegment bytes) {
    try {
      MemorySegment hash = (MemorySegment) handle.invokeExact(allocator, bytes, bytes.byteSize());
      return new Checksum(hash.get(JAVA_LONG, HIGH_OFFSET), hash.get(JAVA_LONG, 0));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("a native function throws nothing", e);
    }
  }
}
