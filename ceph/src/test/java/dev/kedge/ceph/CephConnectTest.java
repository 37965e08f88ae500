package dev.kedge.ceph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.testing.LabCeph;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class CephConnectTest {
  // Of no cluster: made with ceph-authtool for these tests.
  private static final String STRANGERS_KEY = "AQBQhwRkAAAAABAA7Jc1Yb0uV8m0o4l0T9b1bQ==";

  private final LabCeph ceph = LabCeph.connect();
  @TempDir Path folder;

  @AfterEach
  void close() {
    ceph.close();
  }

  private static KedgeException failure(CephOptions options) {
    KedgeException failure =
        catchThrowableOfType(KedgeException.class, () -> CephCluster.connect(options).close());
    assertThat(failure).as("connecting must fail").isNotNull();
    assertThat(failure.getMessage()).doesNotContain("\n");
    return failure;
  }

  private Path keyring(String entity) throws IOException {
    return Files.writeString(
        folder.resolve("keyring"), "[" + entity + "]\n\tkey = " + STRANGERS_KEY + "\n");
  }

  private Path confWithMonHost(String monHost) throws IOException {
    String text =
        Files.readString(LabCeph.confOfLab())
            .replaceAll("(?m)^\\s*mon[ _]host\\s*=.*$", "mon host = " + monHost);
    return Files.writeString(folder.resolve("ceph.conf"), text);
  }

  @Test
  void theUserMayBeWrittenWithAndWithoutItsType() {
    String fsid = ceph.ceph("fsid").strip();
    for (String user : new String[] {"admin", "client.admin"}) {
      try (CephCluster cluster = CephCluster.connect(ceph.options().withUser(user, null))) {
        assertThat(cluster.fsid()).isEqualTo(fsid);
        assertThat(cluster.poolNames())
            .containsExactlyInAnyOrderElementsOf(ceph.ceph("osd", "pool", "ls").lines().toList());
      }
    }
  }

  @Test
  void aKeyringThatDoesNotExistIsNamed() {
    Path missing = folder.resolve("nothing.keyring");
    KedgeException e = failure(ceph.options().withUser("admin", missing));
    assertThat(e.code()).isEqualTo(ErrorCode.AUTHENTICATION_FAILED);
    assertThat(e).hasMessageContaining("no keyring found").hasMessageContaining(missing.toString());
  }

  @Test
  void aWrongKeyIsRefusedAndNotPrinted() throws IOException {
    KedgeException e = failure(ceph.options().withUser("admin", keyring("client.admin")));
    assertThat(e.code()).isEqualTo(ErrorCode.AUTHENTICATION_FAILED);
    assertThat(e)
        .hasMessageContaining("key refused")
        .hasMessageContaining("client.admin")
        .hasMessageContaining("EACCES");
    assertThat(e.getMessage()).doesNotContain(STRANGERS_KEY);
  }

  @Test
  void aUserThatCephDoesNotKnowIsRefused() throws IOException {
    KedgeException e = failure(ceph.options().withUser("nobody", keyring("client.nobody")));
    assertThat(e.code()).isEqualTo(ErrorCode.AUTHENTICATION_FAILED);
    assertThat(e).hasMessageContaining("key refused").hasMessageContaining("client.nobody");
  }

  @Test
  void aKeyringWithoutTheUserIsTold() throws IOException {
    KedgeException e = failure(ceph.options().withUser("backup", keyring("client.other")));
    assertThat(e.code()).isEqualTo(ErrorCode.AUTHENTICATION_FAILED);
    assertThat(e).hasMessageContaining("holds no key for client.backup");
  }

  @Test
  void aUserWithoutMonCapsIsRefused() {
    LabCeph.LabUser user = ceph.user(folder);
    KedgeException e = failure(ceph.options().withUser(user.entity(), user.keyring()));
    assertThat(e.code()).isEqualTo(ErrorCode.AUTHENTICATION_FAILED);
    assertThat(e).hasMessageContaining("mon caps");
  }

  @Test
  @Timeout(60)
  void aClosedPortIsReportedAfterTheTimeout() throws IOException {
    // The port was free a moment ago, and nobody listens on it.
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    assertUnreachable(port);
  }

  @Test
  @Timeout(60)
  void aMonitorThatAcceptsAndNeverAnswersIsReportedAfterTheTimeout() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      assertUnreachable(silent.getLocalPort());
    }
  }

  private void assertUnreachable(int port) throws IOException {
    Path conf = confWithMonHost("[v2:127.0.0.1:" + port + "]");
    KedgeException e =
        failure(ceph.options().withConfFile(conf).withConnectTimeout(Duration.ofSeconds(2)));
    assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_UNREACHABLE);
    assertThat(e).hasMessageContaining("127.0.0.1:" + port).hasMessageContaining("within 2 s");
  }

  @Test
  void aMonHostThatIsNoAddressIsTold() throws IOException {
    KedgeException e = failure(ceph.options().withConfFile(confWithMonHost("no/such/host")));
    assertThat(e.code()).isEqualTo(ErrorCode.SOURCE_UNREACHABLE);
    assertThat(e).hasMessageContaining("no/such/host");
  }

  @Test
  void aMissingConfFileIsNamed() {
    KedgeException e = failure(ceph.options().withConfFile(folder.resolve("no.conf")));
    assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(e).hasMessageContaining("no.conf");
  }

  @Test
  void anOptionThatCephDoesNotKnowIsNamed() {
    KedgeException e = failure(ceph.options().withSettings(Map.of("kedge_speed", "fast")));
    assertThat(e.code()).isEqualTo(ErrorCode.USAGE);
    assertThat(e).hasMessageContaining("'kedge_speed'");
  }

  @Test
  void aValueThatTheOptionDoesNotTakeIsRefused() {
    KedgeException e = failure(ceph.options().withSettings(Map.of("rbd_cache", "perhaps")));
    assertThat(e.code()).isEqualTo(ErrorCode.USAGE);
    assertThat(e).hasMessageContaining("'rbd_cache'").hasMessageContaining("EINVAL");
  }

  @Test
  void anUnknownPoolIsNamed() {
    KedgeException e =
        catchThrowableOfType(
            KedgeException.class, () -> ceph.cluster().openPool("no-such-pool", ""));
    assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(e).hasMessageContaining("pool no-such-pool does not exist");
  }

  @Test
  void anUnknownNamespaceIsNamed() {
    KedgeException e =
        catchThrowableOfType(
            KedgeException.class, () -> ceph.cluster().openPool(LabCeph.POOL, "no-such-space"));
    assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(e).hasMessageContaining("no-such-space");
  }
}
