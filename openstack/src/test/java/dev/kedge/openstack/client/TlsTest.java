package dev.kedge.openstack.client;

import static dev.kedge.openstack.testing.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.openstack.cloud.CloudConfig;
import dev.kedge.openstack.testing.FakeCloud;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
  private static final String PASSWORD = "changeit";

  @TempDir static Path folder = Path.of("");

  @BeforeAll
  static void makeCertificates() throws Exception {
    key("ca", "-ext", "bc:c");
    key("other", "-ext", "bc:c");
    key("host", "-signer", "ca", "-ext", "san=dns:localhost");
    key("elsewhere", "-signer", "ca", "-ext", "san=dns:elsewhere.example");
    KeyStore all = store();
    for (String ca : List.of("ca", "other")) {
      String der = Base64.getMimeEncoder().encodeToString(all.getCertificate(ca).getEncoded());
      Files.writeString(
          folder.resolve(ca + ".pem"),
          "-----BEGIN CERTIFICATE-----\n" + der + "\n-----END CERTIFICATE-----\n");
    }
  }

  private static void key(String alias, String... more) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/keytool"));
    command.addAll(List.of("-genkeypair", "-alias", alias, "-dname", "CN=" + alias));
    command.addAll(List.of("-keyalg", "EC", "-keystore", "store.p12", "-storepass", PASSWORD));
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }

  private static KeyStore store() throws GeneralSecurityException, IOException {
    KeyStore all = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(folder.resolve("store.p12"))) {
      all.load(in, PASSWORD.toCharArray());
    }
    return all;
  }

  /** A key with its chain; the CAs' own keys stay out. */
  private static SSLContext serverContext(String alias)
      throws GeneralSecurityException, IOException {
    KeyStore all = store();
    char[] password = PASSWORD.toCharArray();
    KeyStore one = KeyStore.getInstance("PKCS12");
    one.load(null, null);
    one.setKeyEntry(alias, all.getKey(alias, password), password, all.getCertificateChain(alias));
    KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
    keys.init(one, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }

  private void logIn(@Nullable String caFile, boolean verify)
      throws GeneralSecurityException, IOException {
    logIn("host", caFile, verify);
  }

  private void logIn(String host, @Nullable String caFile, boolean verify)
      throws GeneralSecurityException, IOException {
    try (FakeCloud cloud = FakeCloud.startWithTls(serverContext(host))) {
      CloudConfig usual = cloud.config();
      Path file = caFile == null ? null : folder.resolve(caFile);
      try (CloudSession session =
          new CloudSession(cloud.config(usual.method(), usual.scope(), file, verify))) {
        assertThat(session.token().projectId()).isEqualTo("p1");
      }
    }
  }

  @Test
  void aPrivateCaIsTrustedWhereItIsNamed() throws Exception {
    logIn("ca.pem", true);
  }

  @Test
  void aBundleOfSeveralCasServes() throws Exception {
    Files.writeString(
        folder.resolve("bundle.pem"),
        Files.readString(folder.resolve("other.pem")) + Files.readString(folder.resolve("ca.pem")));
    logIn("bundle.pem", true);
  }

  @Test
  void aPrivateCaIsNotTrustedWhereItIsNotNamed() {
    assertThat(assertFails(ErrorCode.SOURCE_UNREACHABLE, () -> logIn(null, true)))
        .hasMessageContaining("cacert");
    assertThat(assertFails(ErrorCode.SOURCE_UNREACHABLE, () -> logIn("other.pem", true)))
        .hasMessageContaining("cacert");
  }

  @Test
  void aCertificateForAnotherHostIsRefused() throws Exception {
    assertFails(ErrorCode.SOURCE_UNREACHABLE, () -> logIn("elsewhere", "ca.pem", true));
    logIn("elsewhere", null, false);
  }

  @Test
  void withoutVerificationAnyCertificateIsTakenAndTheUserIsWarned() throws Exception {
    logIn(null, false);
    try (FakeCloud cloud = FakeCloud.startWithTls(serverContext("host"))) {
      CloudConfig usual = cloud.config();
      assertThat(cloud.config(usual.method(), usual.scope(), null, false).warnings())
          .singleElement()
          .asString()
          .contains("cacert", "verify: false");
      assertThat(usual.warnings()).isEmpty();
    }
  }

  @Test
  void aCaFileThatIsNoneIsNamed() throws IOException {
    Files.writeString(folder.resolve("empty.pem"), "nothing");
    assertThat(assertFails(ErrorCode.USAGE, () -> logIn("empty.pem", true)))
        .hasMessageContaining("empty.pem");
    assertThat(assertFails(ErrorCode.USAGE, () -> logIn("missing.pem", true)))
        .hasMessageContaining("missing.pem");
  }
}
