package dev.kedge.repository.crypt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Argon2Test {
  private static LibArgon2 library() {
    return Objects.requireNonNull(LibArgon2.INSTANCE, "libargon2.so.1 is not installed");
  }

  @ParameterizedTest
  @CsvSource({"8,1,1", "64,3,1", "1024,2,4", "65536,3,1"})
  void theLibraryAndJavaGiveTheSame(int memoryKib, int passes, int lanes) {
    Random random = new Random(memoryKib);
    byte[] salt = new byte[16];
    random.nextBytes(salt);
    byte[] passphrase = new byte[1 + random.nextInt(100)];
    random.nextBytes(passphrase);
    Argon2 argon2 = new Argon2(memoryKib, passes, lanes);
    assertThat(library().key(argon2, passphrase, salt))
        .isEqualTo(BouncyArgon2.key(argon2, passphrase, salt));
  }

  /**
   * By the argon2 command of Debian: {@code echo -n password | argon2 somesalt -id -t 2 -k 65536 -p
   * 1 -l 32 -r}.
   */
  @Test
  void aKnownAnswerIsGiven() {
    byte[] key = library().key(new Argon2(65_536, 2, 1), bytes("password"), bytes("somesalt"));
    assertThat(HexFormat.of().formatHex(key))
        .isEqualTo("09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }
}
