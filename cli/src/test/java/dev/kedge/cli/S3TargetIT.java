package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.cli.testing.BucketFolder;
import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Programs;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.Running;
import dev.kedge.cli.testing.TestImage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only a bucket has: uploads, quotas, keys, endpoints. */
@Tag("s3")
final class S3TargetIT extends CliTest {
  private static final String RATE = "10M";

  private final SplittableRandom random = new SplittableRandom(SEED);

  private Protected inBucket(BucketFolder bucket, int dataBytes) {
    TestImage image = TestImage.create(lab(), 64 * MIB);
    image.fill(random, 0, dataBytes);
    return new Protected(kedge(), image, bucket);
  }

  private BucketFolder newBucketFolder() {
    return new BucketFolder(newPath("bucket"));
  }

  private static void awaitUpload(BucketFolder bucket, Running running) {
    while (running.isAlive() && bucket.unfinished().isEmpty()) {
      LockSupport.parkNanos(1_000_000);
    }
    assertThat(bucket.unfinished()).as("an upload that is under way").isNotEmpty();
  }

  @Test
  void aBackupThatIsKilledInTheMiddleOfItsUploadLosesNothing() {
    BucketFolder bucket = newBucketFolder();
    Protected volume = inBucket(bucket, 40 * MIB);
    volume.backup();
    for (int i = 0; i < 2 * THOROUGHNESS; i++) {
      volume.image().fill(random, 0, 30 * MIB);
      Running running = kedge().start(volume.backupWords("--max-rate", RATE));
      awaitUpload(bucket, running);
      LockSupport.parkNanos(random.nextInt(1500) * 1_000_000L);
      running.kill();
      volume.rememberNew();
      volume.backup();
      volume.isTidy();
    }
    volume.isIntact();
    volume.restoresAll();
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM"})
  void aBackupThatIsStoppedAbortsItsUpload(String signal) {
    BucketFolder bucket = newBucketFolder();
    Protected volume = inBucket(bucket, 40 * MIB);
    Running running =
        kedge().behind("env", "--default-signal=INT").start(volume.backupWords("--max-rate", RATE));
    awaitUpload(bucket, running);
    running.signal(signal);
    Outcome stopped = running.await();
    assertThat(stopped.status()).isEqualTo(signal.equals("INT") ? 130 : 143);
    assertThat(bucket.unfinished()).isEmpty();
    assertThat(volume.image().snapshots()).isEmpty();
    assertThat(bucket.points("qcow2")).isEmpty();
  }

  @Test
  void aBucketWhoseQuotaIsUsedUpIsFullAndKeepsTheOldChain() {
    BucketFolder bucket = BucketFolder.inNewBucket(newPath("bucket"));
    Protected volume = inBucket(bucket, 10 * MIB);
    volume.backup();
    quota(bucket, "20M");
    volume.image().fill(random, 10 * MIB, 40 * MIB);
    List<String> snapshots = volume.image().snapshots();
    kedge()
        .run("backup", volume.image().location(), "--target", bucket.toString())
        .fails(5, bucket.toString(), "full", "QuotaExceeded", "quota");
    assertThat(volume.image().snapshots()).isEqualTo(snapshots);
    bucket.isTidy();
    volume.verifies();
    quota(bucket, "200M");
    assertThat(volume.backup().text("kind")).isEqualTo("incremental");
    volume.isTidy();
    volume.restoresAll();
  }

  private static void quota(BucketFolder bucket, String size) {
    for (String word : List.of("set", "enable")) {
      List<String> command =
          new ArrayList<>(
              List.of("radosgw-admin", "-c", System.getenv("KEDGE_LAB_CONF"), "quota", word));
      command.addAll(List.of("--quota-scope=bucket", "--bucket=" + bucket.bucket()));
      if (word.equals("set")) {
        command.add("--max-size=" + size);
      }
      Programs.run(command.toArray(String[]::new));
    }
  }

  @Test
  void whatIsWrongWithTheStoreIsSaid() {
    TestImage image = TestImage.create(lab(), 4 * MIB);
    String nowhere = "s3://kedge-no-such-bucket/x";
    String here = newBucketFolder().toString();
    for (String[] words :
        List.of(
            new String[] {"backup", image.location(), "--target", nowhere},
            new String[] {"list", "--target", nowhere},
            new String[] {"verify", "--all", "--target", nowhere})) {
      kedge().run(words).fails(5, "no bucket kedge-no-such-bucket", "aws s3 mb");
    }
    kedge().run("list", "--target", here).fails(3, here, "no Kedge repository");
    for (String[] words :
        List.of(
            new String[] {"backup", image.location(), "--target", here},
            new String[] {"list", "--target", here})) {
      kedge()
          .start(Map.of("AWS_SECRET_ACCESS_KEY", "wrong"), words)
          .await()
          .fails(8, here, "SignatureDoesNotMatch");
      kedge()
          .run(with(words, "--s3-endpoint", "http://127.0.0.1:1"))
          .fails(5, "http://127.0.0.1:1", "refused");
      kedge()
          .start(Map.of("AWS_ENDPOINT_URL_S3", "nonsense"), words)
          .await()
          .fails(2, "http[s]://HOST");
    }
    kedge()
        .start(
            Map.of(
                "AWS_ACCESS_KEY_ID", "",
                "AWS_SECRET_ACCESS_KEY", "",
                "AWS_SHARED_CREDENTIALS_FILE", "/dev/null",
                "AWS_CONFIG_FILE", "/dev/null",
                "AWS_EC2_METADATA_DISABLED", "true"),
            "list",
            "--target",
            here)
        .await()
        .fails(8, here, "AWS_PROFILE");
    assertThat(image.snapshots()).isEmpty();
  }

  private static String[] with(String[] words, String... more) {
    List<String> all = new ArrayList<>(Arrays.asList(words));
    all.addAll(Arrays.asList(more));
    return all.toArray(String[]::new);
  }
}
