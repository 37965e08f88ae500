package dev.kedge.openstack.luks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class Pbkdf2Test {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** RFC 6070, the fifth vector. */
  @Test
  void bothDeriveWhatTheStandardSays() throws GeneralSecurityException {
    byte[] secret = bytes("passwordPASSWORDpassword");
    byte[] salt = bytes("saltSALTsaltSALTsaltSALTsaltSALTsalt");
    byte[] wanted = HexFormat.of().parseHex("3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038");
    assertThat(Pbkdf2.deriveInJava("SHA-1", secret, salt, 4096, 25)).isEqualTo(wanted);
    assertThat(OpenSslPbkdf2.derive("SHA-1", secret, salt, 4096, 25)).hasValue(wanted);
  }

  @Test
  void bothDeriveTheSameOfAnyBytes() throws GeneralSecurityException {
    SplittableRandom random = new SplittableRandom(20261125);
    for (String hash : new String[] {"SHA-1", "SHA-256", "SHA-512"}) {
      for (int lengthBytes : new int[] {1, 20, 32, 64, 65}) {
        byte[] secret = new byte[1 + random.nextInt(200)];
        byte[] salt = new byte[32];
        random.nextBytes(secret);
        random.nextBytes(salt);
        int iterations = 1 + random.nextInt(50);
        assertThat(OpenSslPbkdf2.derive(hash, secret, salt, iterations, lengthBytes))
            .as("%s, %d bytes", hash, lengthBytes)
            .hasValue(Pbkdf2.deriveInJava(hash, secret, salt, iterations, lengthBytes));
      }
    }
  }

  @Test
  void whatTheLibraryDoesNotKnowIsLeftToJava() {
    assertThat(OpenSslPbkdf2.derive("no hash", new byte[1], new byte[1], 1, 1)).isEmpty();
  }
}
