package dev.kedge.repository.crypt;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * AES-256-GCM by the installed libcrypto, whose speed needs no compiler of the JVM's. Function
 * signatures and constants are from OpenSSL 3.0's evp.h. Not thread-safe.
 */
final class OpenSslCipher implements FrameCipher {
  private static final String SONAME = "libcrypto.so.3";
  private static final int GET_TAG = 0x10; // EVP_CTRL_AEAD_GET_TAG
  private static final int SET_TAG = 0x11; // EVP_CTRL_AEAD_SET_TAG
  private static final int KEEP = -1; // EVP_CipherInit_ex goes on in the same direction

  private record Functions(
      MethodHandle newContext,
      MethodHandle freeContext,
      MethodHandle aes256Gcm,
      MethodHandle init,
      MethodHandle update,
      MethodHandle finish,
      MethodHandle control) {}

  /** Loaded at first use. */
  private static final class Library {
    static final @Nullable Functions FUNCTIONS = bind();

    private static @Nullable Functions bind() {
      SymbolLookup symbols;
      try {
        symbols = SymbolLookup.libraryLookup(SONAME, Arena.global());
      } catch (IllegalArgumentException e) {
        // Not installed: Java computes the same, only slower.
        return null;
      }
      return new Functions(
          handle(symbols, "EVP_CIPHER_CTX_new", FunctionDescriptor.of(ADDRESS)),
          handle(symbols, "EVP_CIPHER_CTX_free", FunctionDescriptor.ofVoid(ADDRESS)),
          handle(symbols, "EVP_aes_256_gcm", FunctionDescriptor.of(ADDRESS)),
          handle(
              symbols,
              "EVP_CipherInit_ex",
              FunctionDescriptor.of(
                  JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_INT)),
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
              FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS)));
    }

    private static MethodHandle handle(
        SymbolLookup symbols, String name, FunctionDescriptor descriptor) {
      return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), descriptor);
    }
  }

  private final Functions functions;
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment context;
  private final MemorySegment cipher;
  private final MemorySegment key = arena.allocate(RepositoryKey.BYTES);
  private final MemorySegment header = arena.allocate(ObjectHeader.BYTES);
  private final MemorySegment nonce = arena.allocate(NONCE_BYTES);
  private final MemorySegment written = arena.allocate(JAVA_INT);
  private final MemorySegment tail = arena.allocate(FrameLayout.TAG_BYTES);

  private OpenSslCipher(Functions functions) {
    this.functions = functions;
    this.context = newContext(functions, arena);
    this.cipher = aes256Gcm(functions);
  }

  /** One of its own for the caller; null where the library is not installed. */
  static @Nullable OpenSslCipher create() {
    Functions functions = Library.FUNCTIONS;
    return functions == null ? null : new OpenSslCipher(functions);
  }

  private static MemorySegment newContext(Functions functions, Arena arena) {
    try {
      MemorySegment made = (MemorySegment) functions.newContext.invokeExact();
      if (made.equals(MemorySegment.NULL)) {
        throw new OutOfMemoryError("EVP_CIPHER_CTX_new");
      }
      return made.reinterpret(arena, unused -> free(functions, unused));
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static void free(Functions functions, MemorySegment context) {
    try {
      functions.freeContext.invokeExact(context);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static MemorySegment aes256Gcm(Functions functions) {
    try {
      return (MemorySegment) functions.aes256Gcm.invokeExact();
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @Override
  public void use(ObjectKey objectKey, boolean encrypt) {
    copy(objectKey.key(), key);
    copy(objectKey.header(), header);
    require(init(cipher, key, MemorySegment.NULL, encrypt ? 1 : 0), "EVP_CipherInit_ex");
    key.fill((byte) 0);
  }

  @Override
  public void seal(long frame, boolean last, MemorySegment content, MemorySegment sealed) {
    long lengthBytes = content.byteSize();
    begin(frame, last);
    update(sealed, content);
    require(finish(), "EVP_CipherFinal_ex");
    require(control(GET_TAG, sealed.asSlice(lengthBytes, FrameLayout.TAG_BYTES)), "GET_TAG");
  }

  @Override
  public boolean unseal(long frame, boolean last, MemorySegment sealed, MemorySegment content) {
    long lengthBytes = sealed.byteSize() - FrameLayout.TAG_BYTES;
    begin(frame, last);
    update(content, sealed.asSlice(0, lengthBytes));
    require(control(SET_TAG, sealed.asSlice(lengthBytes, FrameLayout.TAG_BYTES)), "SET_TAG");
    return finish() > 0;
  }

  private void begin(long frame, boolean last) {
    copy(FrameCipher.nonce(frame, last), nonce);
    require(init(MemorySegment.NULL, MemorySegment.NULL, nonce, KEEP), "EVP_CipherInit_ex");
    // Without a place to write to it is authenticated only.
    update(MemorySegment.NULL, header);
  }

  private static void copy(byte[] bytes, MemorySegment to) {
    MemorySegment.copy(bytes, 0, to, JAVA_BYTE, 0, bytes.length);
  }

  private int init(MemorySegment type, MemorySegment newKey, MemorySegment iv, int encrypt) {
    try {
      return (int)
          functions.init.invokeExact(context, type, MemorySegment.NULL, newKey, iv, encrypt);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private void update(MemorySegment to, MemorySegment from) {
    if (from.byteSize() == 0) {
      return;
    }
    try {
      require(
          (int)
              functions.update.invokeExact(
                  context, to, written, from, Math.toIntExact(from.byteSize())),
          "EVP_CipherUpdate");
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  // GCM has nothing left to write: the tail stays as it is.
  private int finish() {
    try {
      return (int) functions.finish.invokeExact(context, tail, written);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private int control(int command, MemorySegment tag) {
    try {
      return (int) functions.control.invokeExact(context, command, FrameLayout.TAG_BYTES, tag);
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
