package dev.kedge.openstack.luks;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * PBKDF2 by the installed libcrypto: LUKS wants millions of iterations, for which {@code
 * bin/kedge}'s JVM, without its optimising compiler, takes minutes. Function signatures are from
 * OpenSSL 3.0's evp.h. Thread-safe.
 */
final class OpenSslPbkdf2 {
  private static final String SONAME = "libcrypto.so.3";

  private record Functions(MethodHandle digestByName, MethodHandle pbkdf2) {}

  private static final @Nullable Functions FUNCTIONS = bind();

  private OpenSslPbkdf2() {}

  private static @Nullable Functions bind() {
    SymbolLookup symbols;
    try {
      symbols = SymbolLookup.libraryLookup(SONAME, Arena.global());
    } catch (IllegalArgumentException e) {
      // Not installed: Java computes the same, only slower.
      return null;
    }
    Linker linker = Linker.nativeLinker();
    return new Functions(
        linker.downcallHandle(
            symbols.findOrThrow("EVP_get_digestbyname"), FunctionDescriptor.of(ADDRESS, ADDRESS)),
        linker.downcallHandle(
            symbols.findOrThrow("PKCS5_PBKDF2_HMAC"),
            FunctionDescriptor.of(
                JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT,
                ADDRESS)));
  }

  /** As {@link Pbkdf2#derive}; empty where the library is missing or does not do it. */
  static Optional<byte[]> derive(
      String hash, byte[] secret, byte[] salt, int iterations, int lengthBytes) {
    Functions functions = FUNCTIONS;
    if (functions == null) {
      return Optional.empty();
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment secretCopy = arena.allocateFrom(JAVA_BYTE, secret);
      MemorySegment derived = arena.allocate(lengthBytes);
      try {
        MemorySegment digest =
            (MemorySegment) functions.digestByName.invokeExact(arena.allocateFrom(hash));
        if (digest.equals(MemorySegment.NULL)) {
          return Optional.empty();
        }
        int result =
            (int)
                functions.pbkdf2.invokeExact(
                    secretCopy,
                    secret.length,
                    arena.allocateFrom(JAVA_BYTE, salt),
                    salt.length,
                    iterations,
                    digest,
                    lengthBytes,
                    derived);
        return result == 1 ? Optional.of(derived.toArray(JAVA_BYTE)) : Optional.empty();
      } catch (Error | RuntimeException e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException("a native function throws nothing", e);
      } finally {
        secretCopy.fill((byte) 0);
        derived.fill((byte) 0);
      }
    }
  }
}
