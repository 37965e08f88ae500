package dev.kedge.repository.s3;

import static dev.kedge.repository.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.qcow2.AppendOutput.Part;
import dev.kedge.repository.LabS3;
import dev.kedge.repository.ObjectOutput;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Wrong keys, buckets, certificates and addresses, with the lab's RADOS Gateway. */
@Tag("s3")
@Isolated
class S3TroubleTest {
  @TempDir Path folder;

  /** The SDK looks at properties before it looks at the environment, where the lab's keys are. */
  private static void use(String accessKey, String secretKey) {
    System.setProperty("aws.accessKeyId", accessKey);
    System.setProperty("aws.secretAccessKey", secretKey);
  }

  @AfterEach
  void useTheLabsKeysAgain() {
    System.clearProperty("aws.accessKeyId");
    System.clearProperty("aws.secretAccessKey");
  }

  private static S3Target target() {
    return S3Target.open(LabS3.newLocation(), LabS3.options(LabS3.endpoint()));
  }

  private static void eachCallFails(S3Target target, ErrorCode code, String... said) {
    List<ThrowingCallable> calls =
        List.of(
            target::createLocation,
            target::isEmpty,
            () -> target.readAll("kedge.json", 100),
            () -> target.open("a/x"),
            () -> target.length("a/x"),
            () -> target.exists("a/x"),
            () -> target.create("a/x"),
            () -> target.putIfAbsent("a/x", new byte[1]),
            () -> target.replace("a/x", new byte[1]),
            () -> target.delete("a/x"),
            () -> target.list("a/"),
            () -> target.folders(""));
    for (ThrowingCallable call : calls) {
      KedgeException failure = assertFails(code, call);
      assertThat(failure.getMessage()).contains(said).contains("kedge");
    }
  }

  @Test
  void aWrongSecretIsAWrongKey() {
    Properties keys = LabS3.keys("kedge");
    use(keys.getProperty("AWS_ACCESS_KEY_ID"), "wrong");
    eachCallFails(target(), ErrorCode.AUTHENTICATION_FAILED, "SignatureDoesNotMatch", "AWS_SECRET");
  }

  @Test
  void anUnknownKeyIsAWrongKey() {
    use("nobody", "nothing");
    eachCallFails(target(), ErrorCode.AUTHENTICATION_FAILED, "InvalidAccessKeyId", "AWS_ACCESS");
  }

  @Test
  void whoMayDoNothingIsTold() {
    Properties keys = LabS3.keys("stranger");
    use(keys.getProperty("AWS_ACCESS_KEY_ID"), keys.getProperty("AWS_SECRET_ACCESS_KEY"));
    eachCallFails(target(), ErrorCode.PERMISSION_DENIED, "AccessDenied", "docs/targets.md");
  }

  @Test
  void aMissingBucketIsNoMissingObjectAndIsNotMade() {
    S3Target target = S3Target.open("s3://kedge-no-such-bucket/p", LabS3.options(LabS3.endpoint()));
    eachCallFails(
        target,
        ErrorCode.TARGET_UNREACHABLE,
        "no bucket kedge-no-such-bucket",
        "aws s3 mb",
        LabS3.endpoint().toString());
  }

  @Test
  void anAddressWhereNothingListensIsToldSoon() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    URI nobody = URI.create("http://127.0.0.1:" + port);
    S3Target target = S3Target.open(LabS3.newLocation(), LabS3.options(nobody));
    assertThat(assertFails(ErrorCode.TARGET_UNREACHABLE, target::createLocation))
        .hasMessageContaining("Connection refused")
        .hasMessageContaining(nobody.toString());
    S3Target nowhere =
        S3Target.open(
            LabS3.newLocation(), LabS3.options(URI.create("http://no-such-host.invalid:7480")));
    assertThat(assertFails(ErrorCode.TARGET_UNREACHABLE, nowhere::createLocation))
        .hasMessageContaining("host is unknown");
  }

  @Test
  void aCertificateIsBelievedIfItsAuthorityIsNamed() throws IOException {
    S3Target strange = S3Target.open(LabS3.newLocation(), LabS3.options(LabS3.tlsEndpoint()));
    assertThat(assertFails(ErrorCode.TARGET_UNREACHABLE, strange::createLocation))
        .hasMessageContaining("TLS")
        .hasMessageContaining("--s3-ca");
    S3Target known = S3Target.open(LabS3.newLocation(), tls(LabS3.certificate()));
    known.createLocation();
    try (ObjectOutput output = known.create("x")) {
      output.append(ByteBuffer.allocate(9 << 20), Part.TABLES);
      output.flush();
    }
    assertThat(known.length("x")).hasValue(9 << 20);
    Path empty = Files.createFile(folder.resolve("empty.pem"));
    assertFails(ErrorCode.USAGE, () -> S3Target.open(LabS3.newLocation(), tls(empty)));
  }

  private static S3Options tls(Path caFile) {
    return new S3Options(LabS3.tlsEndpoint(), null, null, caFile);
  }
}
