package dev.kedge.repository.crypt;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.SecureRandom;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** OpenSSL and the JDK, each of which must read what the other has written. */
class FrameCipherTest {
  private final FrameKey key =
      FrameKey.ofObject(
          RepositoryKey.create(), ObjectHeader.create("name", 65_536, new SecureRandom()));

  private static OpenSslCipher openSsl() {
    return Objects.requireNonNull(OpenSslCipher.create(), "libcrypto.so.3 is not installed");
  }

  @Test
  void bothGiveTheSameAndReadEachOther() {
    Random random = new Random(1);
    List<FrameCipher> ciphers = List.of(openSsl(), new JceCipher());
    for (int length : List.of(0, 1, 15, 16, 17, 4096, 65_536)) {
      byte[] content = new byte[length];
      random.nextBytes(content);
      long frame = random.nextLong(1L << 40);
      boolean last = random.nextBoolean();
      byte[] sealed = seal(ciphers.getFirst(), frame, last, content);
      assertThat(seal(ciphers.getLast(), frame, last, content)).isEqualTo(sealed);
      for (FrameCipher cipher : ciphers) {
        assertThat(unseal(cipher, frame, last, sealed)).isEqualTo(content);
        assertThat(unseal(cipher, frame, !last, sealed)).isNull();
        assertThat(unseal(cipher, frame + 1, last, sealed)).isNull();
        byte[] changed = sealed.clone();
        changed[random.nextInt(changed.length)] ^= 1;
        assertThat(unseal(cipher, frame, last, changed)).isNull();
        assertThat(unseal(cipher, frame, last, sealed)).isEqualTo(content);
      }
    }
  }

  @Test
  void aCipherGoesFromKeyToKey() {
    FrameKey other =
        FrameKey.ofObject(
            RepositoryKey.create(), ObjectHeader.create("name", 65_536, new SecureRandom()));
    byte[] content = {1, 2, 3};
    for (FrameCipher cipher : List.of(openSsl(), new JceCipher())) {
      byte[] sealed = seal(cipher, 7, false, content);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment out = arena.allocate(3);
        cipher.use(other, false);
        assertThat(cipher.unseal(7, false, off(arena, sealed), out)).isFalse();
        cipher.use(key, false);
        assertThat(cipher.unseal(7, false, off(arena, sealed), out)).isTrue();
        assertThat(out.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(content);
      }
    }
  }

  private byte[] seal(FrameCipher cipher, long frame, boolean last, byte[] content) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment sealed = arena.allocate(content.length + 16L);
      cipher.use(key, true);
      cipher.seal(frame, last, off(arena, content), sealed);
      return sealed.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private byte @org.jspecify.annotations.Nullable [] unseal(
      FrameCipher cipher, long frame, boolean last, byte[] sealed) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment content = arena.allocate(sealed.length - 16L);
      cipher.use(key, false);
      return cipher.unseal(frame, last, off(arena, sealed), content)
          ? content.toArray(ValueLayout.JAVA_BYTE)
          : null;
    }
  }

  private static MemorySegment off(Arena arena, byte[] bytes) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
  }
}
