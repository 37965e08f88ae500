package dev.kedge.repository.crypt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Functions of the installed libcrypto, with their signatures from OpenSSL 3.0's evp.h and hmac.h.
 * Thread-safe; a context is for one thread at a time.
 */
record LibCrypto(
    MethodHandle newContext,
    MethodHandle freeContext,
    MethodHandle aes256Gcm,
    MethodHandle init,
    MethodHandle update,
    MethodHandle finish,
    MethodHandle control,
    MethodHandle sha256,
    MethodHandle hmac) {
  private static final String SONAME = "libcrypto.so.3";

  /** Null where the library is not installed: Java computes the same, only slower. */
  static final @Nullable LibCrypto INSTANCE = bind();

  private static @Nullable LibCrypto bind() {
    SymbolLookup symbols;
    try {
      symbols = SymbolLookup.libraryLookup(SONAME, Arena.global());
    } catch (IllegalArgumentException e) {
      return null;
    }
    return new LibCrypto(
        handle(symbols, "EVP_CIPHER_CTX_new", FunctionDescriptor.of(ADDRESS)),
        handle(symbols, "EVP_CIPHER_CTX_free", FunctionDescriptor.ofVoid(ADDRESS)),
        handle(symbols, "EVP_aes_256_gcm", FunctionDescriptor.of(ADDRESS)),
        handle(
            symbols,
            "EVP_CipherInit_ex",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT)),
        handle(
            symbols,
            "EVP_CipherUpdate",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT)),
        handle(
            symbols,
            "EVP_CipherFinal_ex",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS)),
        handle(
            symbols,
            "EVP_CIPHER_CTX_ctrl",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS)),
        handle(symbols, "EVP_sha256", FunctionDescriptor.of(ADDRESS)),
        handle(
            symbols,
            "HMAC",
            FunctionDescriptor.of(
                ADDRESS, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS)));
  }

  private static MethodHandle handle(
      SymbolLookup symbols, String name, FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), descriptor);
  }

  /** A new context for a cipher, freed with the arena. */
  MemorySegment context(Arena arena) {
    try {
      MemorySegment made = (MemorySegment) newContext.invokeExact();
      if (made.equals(MemorySegment.NULL)) {
        throw new OutOfMemoryError("EVP_CIPHER_CTX_new");
      }
      return made.reinterpret(arena, this::free);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private void free(MemorySegment context) {
    try {
      freeContext.invokeExact(context);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** The cipher AES-256-GCM. */
  MemorySegment aesGcm() {
    try {
      return (MemorySegment) aes256Gcm.invokeExact();
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** EVP_CipherInit_ex; what is NULL stays, and so does the direction where it is -1. */
  void init(
      MemorySegment context, MemorySegment cipher, MemorySegment key, MemorySegment iv, int mode) {
    try {
      require(
          (int) init.invokeExact(context, cipher, MemorySegment.NULL, key, iv, mode),
          "EVP_CipherInit_ex");
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** EVP_CipherUpdate; without a place to write to the input is authenticated only. */
  void update(MemorySegment context, MemorySegment to, MemorySegment written, MemorySegment from) {
    if (from.byteSize() == 0) {
      return;
    }
    try {
      require(
          (int) update.invokeExact(context, to, written, from, Math.toIntExact(from.byteSize())),
          "EVP_CipherUpdate");
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** EVP_CipherFinal_ex; false where the tag is another. */
  boolean finish(MemorySegment context, MemorySegment tail, MemorySegment written) {
    try {
      return (int) finish.invokeExact(context, tail, written) > 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** EVP_CIPHER_CTX_ctrl with a tag. */
  void control(MemorySegment context, int command, MemorySegment tag) {
    try {
      require(
          (int) control.invokeExact(context, command, Math.toIntExact(tag.byteSize()), tag),
          "EVP_CIPHER_CTX_ctrl");
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** HMAC-SHA256 (RFC 2104), of 32 bytes. */
  void hmacSha256(MemorySegment key, MemorySegment input, MemorySegment result) {
    try {
      MemorySegment done =
          (MemorySegment)
              hmac.invokeExact(
                  (MemorySegment) sha256.invokeExact(),
                  key,
                  Math.toIntExact(key.byteSize()),
                  input,
                  input.byteSize(),
                  result,
                  MemorySegment.NULL);
      require(done.equals(MemorySegment.NULL) ? 0 : 1, "HMAC");
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static void require(int result, String function) {
    if (result <= 0) {
      throw new IllegalStateException("libcrypto's " + function + " failed");
    }
  }

  private static RuntimeException unexpected(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return e instanceof RuntimeException runtime
        ? runtime
        : new IllegalStateException("a native function throws nothing", e);
  }
}
