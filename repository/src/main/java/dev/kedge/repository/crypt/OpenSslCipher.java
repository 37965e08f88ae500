package dev.kedge.repository.crypt;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * AES-256-GCM by the installed libcrypto, whose speed needs no compiler of the JVM's. Not
 * thread-safe.
 */
final class OpenSslCipher implements FrameCipher {
  private static final int GET_TAG = 0x10; // EVP_CTRL_AEAD_GET_TAG
  private static final int SET_TAG = 0x11; // EVP_CTRL_AEAD_SET_TAG
  private static final int KEEP = -1; // EVP_CipherInit_ex goes on in the same direction

  private final LibCrypto library;
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment context;
  private final MemorySegment cipher;
  private final MemorySegment key = arena.allocate(RepositoryKey.BYTES);
  private final MemorySegment nonce = arena.allocate(NONCE_BYTES);
  private final MemorySegment written = arena.allocate(JAVA_INT);
  private final MemorySegment tail = arena.allocate(FrameLayout.TAG_BYTES);
  private final MemorySegment headerRoom = arena.allocate(ObjectHeader.BYTES);
  private MemorySegment header = headerRoom;

  private OpenSslCipher(LibCrypto library) {
    this.library = library;
    this.context = library.context(arena);
    this.cipher = library.aesGcm();
  }

  /** One of its own for the caller; null where the library is not installed. */
  static @Nullable OpenSslCipher create() {
    LibCrypto library = LibCrypto.INSTANCE;
    return library == null ? null : new OpenSslCipher(library);
  }

  @Override
  public void use(FrameKey frameKey, boolean encrypt) {
    copy(frameKey.key(), key);
    byte[] authenticated = frameKey.header();
    header = headerRoom.asSlice(0, authenticated.length);
    copy(authenticated, header);
    library.init(context, cipher, key, MemorySegment.NULL, encrypt ? 1 : 0);
    key.fill((byte) 0);
  }

  @Override
  public void seal(long frame, boolean last, MemorySegment content, MemorySegment sealed) {
    long lengthBytes = content.byteSize();
    begin(frame, last);
    library.update(context, sealed, written, content);
    if (!finish()) {
      throw new IllegalStateException("libcrypto's EVP_CipherFinal_ex failed");
    }
    library.control(context, GET_TAG, sealed.asSlice(lengthBytes, FrameLayout.TAG_BYTES));
  }

  @Override
  public boolean unseal(long frame, boolean last, MemorySegment sealed, MemorySegment content) {
    long lengthBytes = sealed.byteSize() - FrameLayout.TAG_BYTES;
    begin(frame, last);
    library.update(context, content, written, sealed.asSlice(0, lengthBytes));
    library.control(context, SET_TAG, sealed.asSlice(lengthBytes, FrameLayout.TAG_BYTES));
    return finish();
  }

  private void begin(long frame, boolean last) {
    copy(FrameCipher.nonce(frame, last), nonce);
    library.init(context, MemorySegment.NULL, MemorySegment.NULL, nonce, KEEP);
    // Without a place to write to it is authenticated only.
    library.update(context, MemorySegment.NULL, written, header);
  }

  // GCM has nothing left to write: the tail stays as it is.
  private boolean finish() {
    return library.finish(context, tail, written);
  }

  private static void copy(byte[] bytes, MemorySegment to) {
    MemorySegment.copy(bytes, 0, to, JAVA_BYTE, 0, bytes.length);
  }
}
