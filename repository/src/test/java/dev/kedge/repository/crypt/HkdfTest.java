package dev.kedge.repository.crypt;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** HKDF by libcrypto and by the JDK. */
class HkdfTest {
  private static final HexFormat HEX = HexFormat.of();
  private final LibCrypto library =
      Objects.requireNonNull(LibCrypto.INSTANCE, "libcrypto.so.3 is not installed");

  /** RFC 5869, appendix A.1. */
  @Test
  void bothGiveWhatTheRfcSays() {
    byte[] secret = new byte[22];
    Arrays.fill(secret, (byte) 0x0b);
    byte[] salt = HEX.parseHex("000102030405060708090a0b0c");
    byte[] info = HEX.parseHex("f0f1f2f3f4f5f6f7f8f9");
    String key = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf";
    assertThat(HEX.formatHex(Hkdf.byLibrary(library, secret, salt, info))).isEqualTo(key);
    assertThat(HEX.formatHex(Hkdf.byJdk(secret, salt, info))).isEqualTo(key);
  }

  @Test
  void bothGiveTheSame() {
    Random random = new Random(1);
    for (int i = 0; i < 100; i++) {
      byte[] secret = new byte[32];
      byte[] salt = new byte[1 + random.nextInt(100)];
      random.nextBytes(secret);
      random.nextBytes(salt);
      byte[] info = "kedge object ".repeat(i).getBytes(US_ASCII);
      byte[] key = Hkdf.byLibrary(library, secret, salt, info);
      assertThat(Hkdf.byJdk(secret, salt, info)).isEqualTo(key);
      assertThat(Hkdf.derive(secret, salt, info)).isEqualTo(key);
    }
  }
}
