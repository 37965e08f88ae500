package dev.kedge.repository.crypt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Argon2id by the installed libargon2: several times as fast as Java under the quick compiler, and
 * its memory is given back at once. Thread-safe.
 */
final class LibArgon2 {
  private static final String SONAME = "libargon2.so.1";
  private static final int MEMORY_ALLOCATION_ERROR = -22;

  /** Null where the library is not installed. */
  static final @Nullable LibArgon2 INSTANCE = bind();

  private final MethodHandle hashRaw;

  private LibArgon2(MethodHandle hashRaw) {
    this.hashRaw = hashRaw;
  }

  // int argon2id_hash_raw(uint32_t t_cost, uint32_t m_cost, uint32_t parallelism, const void *pwd,
  // size_t pwdlen,
  //     const void *salt, size_t saltlen, void *hash, size_t hashlen); argon2.h 20190702
  private static @Nullable LibArgon2 bind() {
    try {
      MemorySegment symbol =
          SymbolLookup.libraryLookup(SONAME, Arena.global()).findOrThrow("argon2id_hash_raw");
      return new LibArgon2(
          Linker.nativeLinker()
              .downcallHandle(
                  symbol,
                  FunctionDescriptor.of(
                      JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS,
                      JAVA_LONG, ADDRESS, JAVA_LONG)));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  byte[] key(Argon2 parameters, byte[] passphrase, byte[] salt) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment secret = arena.allocateFrom(JAVA_BYTE, passphrase);
      MemorySegment key = arena.allocate(RepositoryKey.BYTES);
      int result =
          (int)
              hashRaw.invokeExact(
                  parameters.passes(),
                  parameters.memoryKib(),
                  parameters.lanes(),
                  secret,
                  secret.byteSize(),
                  arena.allocateFrom(JAVA_BYTE, salt),
                  (long) salt.length,
                  key,
                  key.byteSize());
      check(result, parameters);
      byte[] bytes = key.toArray(JAVA_BYTE);
      key.fill((byte) 0);
      secret.fill((byte) 0);
      return bytes;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("a native function throws nothing", e);
    }
  }

  private static void check(int result, Argon2 parameters) {
    if (result == MEMORY_ALLOCATION_ERROR) {
      throw new KedgeException(
          ErrorCode.FAILED,
          "Opening a key slot takes "
              + parameters.memoryKib() / 1024
              + " MiB of memory, which this machine does not give");
    }
    if (result != 0) {
      throw new IllegalStateException("argon2id_hash_raw: " + result);
    }
  }
}
