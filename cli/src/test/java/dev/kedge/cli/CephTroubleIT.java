package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.ceph.testing.LabCeph;
import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Kedge;
import dev.kedge.cli.testing.Programs;
import dev.kedge.cli.testing.TestImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A Ceph that cannot be reached, or that does not let everybody in. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CephTroubleIT extends CliTest {
  private TestImage image;

  @BeforeAll
  void anImage() {
    image = TestImage.create(lab(), 4 * MIB);
    image.write(0, new byte[] {1, 2, 3});
  }

  @Test
  void aMonitorThatDoesNotListenIsUnreachable() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    Path target = newPath("target");
    kedge()
        .run(
            "backup",
            image.location(),
            "--target",
            target.toString(),
            "--ceph-conf",
            confFor("127.0.0.1:" + port).toString(),
            "--ceph-timeout",
            "3")
        .fails(4, "127.0.0.1:" + port);
    assertThat(target).doesNotExist();
  }

  @Test
  void aMonitorThatListensAndNeverAnswersIsUnreachable() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Path target = newPath("target");
      var running =
          kedge()
              .start(
                  "backup",
                  image.location(),
                  "--target",
                  target.toString(),
                  "--ceph-conf",
                  confFor("127.0.0.1:" + silent.getLocalPort()).toString(),
                  "--ceph-timeout",
                  "3");
      running.await().fails(4, "127.0.0.1:" + silent.getLocalPort(), "3 s");
      assertThat(running.age()).isLessThan(Duration.ofSeconds(30));
      assertThat(target).doesNotExist();
    }
  }

  @Test
  void aRestoreSaysWhatIsMissingOnTheTargetAlsoWhereCephCannotBeReached() throws IOException {
    String target = newPath("target").toString();
    kedge().run("backup", image.location(), "--target", target).exits(0);
    for (String point : List.of("ffffffff", "latest:" + image.location())) {
      String missing = point.equals("ffffffff") ? point : "no.conf";
      kedge()
          .run(
              "restore",
              point,
              "--target",
              target,
              "--to",
              image.location() + "-restored",
              "--ceph-conf",
              newPath("no.conf").toString())
          .fails(3, missing);
    }
  }

  @Test
  void aRestoreOfWhatIsNotThereAsksNoCeph() throws IOException {
    String target = newPath("target").toString();
    kedge().run("backup", image.location(), "--target", target).exits(0);
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      kedge()
          .run(
              "restore",
              "ffffffff",
              "--target",
              target,
              "--to",
              image.location() + "-restored",
              "--ceph-conf",
              confFor("127.0.0.1:" + silent.getLocalPort()).toString())
          .fails(3, "ffffffff");
      silent.setSoTimeout(1);
      assertThatThrownBy(silent::accept).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void aConfThatIsMissingOrUselessIsNamed() throws IOException {
    kedge()
        .run(
            "backup",
            image.location(),
            "--target",
            newPath("target").toString(),
            "--ceph-conf",
            "/no/such/ceph.conf")
        .exits(3);
    Path empty = Files.createFile(newPath("empty.conf"));
    kedge()
        .run(
            "backup",
            image.location(),
            "--target",
            newPath("target").toString(),
            "--ceph-conf",
            empty.toString())
        .exits(4);
  }

  @Test
  void aWrongKeyIsRefusedAndNotPrinted() throws IOException {
    String wrong = Programs.run("ceph-authtool", "--gen-print-key").strip();
    Path keyring = newPath("keyring");
    Files.writeString(keyring, "[client.admin]\n\tkey = " + wrong + "\n");
    Kedge careful = kedge().hiding(wrong);
    careful
        .run(
            "backup",
            image.location(),
            "--target",
            newPath("target").toString(),
            "--ceph-keyring",
            keyring.toString())
        .fails(8, "client.admin", keyring.toString());
    careful
        .run(
            "backup",
            image.location(),
            "--target",
            newPath("target").toString(),
            "--ceph-user",
            "nobody",
            "--ceph-keyring",
            keyring.toString())
        .fails(8, "client.nobody", keyring.toString());
    careful
        .run(
            "backup",
            image.location(),
            "--target",
            newPath("target").toString(),
            "--ceph-keyring",
            "/no/such/keyring")
        .fails(8, "/no/such/keyring");
  }

  @Test
  void aUserWhoMayOnlyReadIsToldSo() throws IOException {
    // Backups of other tests leave theirs.
    var before = image.snapshots();
    Path folder = Files.createDirectory(newPath("keys"));
    LabCeph.LabUser reader =
        lab().user(folder, "mon", "profile rbd-read-only", "osd", "profile rbd-read-only");
    Kedge careful = kedge().hiding(keyIn(reader.keyring()));
    Path target = newPath("target");
    careful
        .run(
            "backup",
            image.location(),
            "--target",
            target.toString(),
            "--ceph-user",
            reader.entity(),
            "--ceph-keyring",
            reader.keyring().toString())
        .fails(9, image.spec());
    LabCeph.LabUser stranger = lab().user(folder, "mon", "allow r");
    careful
        .run(
            "backup",
            image.location(),
            "--target",
            newPath("target").toString(),
            "--ceph-user",
            stranger.entity(),
            "--ceph-keyring",
            stranger.keyring().toString())
        // The OSDs of later versions do not even answer.
        .fails(lab().isPacific() ? 9 : 4, image.pool().name());
    assertThat(image.snapshots()).isEqualTo(before);
  }

  private static String keyIn(Path keyring) throws IOException {
    return Files.readAllLines(keyring).stream()
        .map(String::strip)
        .filter(line -> line.startsWith("key = "))
        .map(line -> line.substring(6))
        .collect(Collectors.joining());
  }

  // The lab's conf with another monitor: its user and keyring are the lab's.
  private Path confFor(String monitor) throws IOException {
    Path conf = newPath("ceph.conf");
    Files.write(
        conf,
        Files.readAllLines(LabCeph.confOfLab()).stream()
            .map(line -> line.startsWith("mon host") ? "mon host = v1:" + monitor : line)
            .toList());
    return conf;
  }
}
