package dev.kedge.openstack.restore.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.testing.BytesSource;
import dev.kedge.openstack.testing.FakeCloud;
import dev.kedge.repository.DirectoryTarget;
import dev.kedge.repository.ImageIdentity;
import dev.kedge.repository.Repository;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restore points of encrypted disks, with headers that QEMU and cryptsetup wrote. */
final class EncryptionCheckTest {
  private static final String KEY = "5e9a52f5-3f0e-4c39-93c8-6a2b6e1d2f10";
  private static final String FIXED = "00000000-0000-0000-0000-000000000000";
  private static final Path CRYPTSETUP = Path.of("/usr/sbin/cryptsetup");
  private static final int SLOT_BYTES = 48;

  private final FakeCloud fake = FakeCloud.start();
  private final OpenStack cloud = new OpenStack(fake.config());
  @TempDir private Path folder;

  @AfterEach
  void close() {
    cloud.close();
    fake.close();
  }

  private static int run(List<String> words) throws IOException, InterruptedException {
    return new ProcessBuilder(words)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  /** QEMU measures the processor first, and at times gives up. */
  private byte[] madeByQemu() throws IOException, InterruptedException {
    Path volume = folder.resolve("volume");
    List<String> create =
        List.of(
            "qemu-img",
            "create",
            "-f",
            "luks",
            "--object",
            "secret,id=s,data=0123456789abcdef",
            "-o",
            "key-secret=s,iter-time=10",
            volume.toString(),
            "1M");
    for (int attempt = 0; run(create) != 0; attempt++) {
      assertThat(attempt).isLessThan(20);
    }
    return Files.readAllBytes(volume);
  }

  private byte[] madeByCryptsetup() throws IOException, InterruptedException {
    Path key = Files.writeString(folder.resolve("key"), "0123456789abcdef");
    Path volume = Files.write(folder.resolve("volume"), new byte[17 << 20]);
    String options = "luksFormat --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 -q";
    List<String> words =
        List.of((CRYPTSETUP + " " + options + " --key-file " + key + " " + volume).split(" "));
    assertThat(run(words)).isZero();
    return Files.readAllBytes(volume);
  }

  private List<PlanLine> lines(String keyId, byte[] disk) {
    Repository repository =
        Repository.openOrCreate(new DirectoryTarget(folder.resolve("repository")));
    BytesSource source = new BytesSource(ImageIdentity.ofVolume("v"), disk);
    PlanReport report = new PlanReport();
    new EncryptionCheck(cloud, report)
        .header("disk vdb", keyId, new StoredHeader(repository, source.backUp(repository)));
    return report.lines();
  }

  private void isAProblem(byte[] disk, String why) {
    List<PlanLine> found = lines(KEY, disk);
    assertThat(found).hasSize(1);
    assertThat(found.getFirst().kind()).isEqualTo(PlanLine.Kind.PROBLEM);
    assertThat(found.getFirst().toString())
        .contains("disk vdb", why, "set 'restore' to no", "open it there with key " + KEY);
  }

  @Test
  void aHeaderOfQemusIsNoProblem() throws Exception {
    assertThat(lines(KEY, madeByQemu())).isEmpty();
  }

  @Test
  void versionTwoIsAProblemBeforeAnythingIsTouched() throws Exception {
    assumeTrue(Files.isExecutable(CRYPTSETUP), "cryptsetup is not installed");
    isAProblem(madeByCryptsetup(), "LUKS version 2");
  }

  @Test
  void whatIsNoLuksAtAllIsAProblem() {
    isAProblem(new byte[1 << 20], "does not begin with a LUKS header");
    isAProblem(new byte[100], "does not begin with a LUKS header");
  }

  @Test
  void aHeaderWithoutAFreeSlotIsAProblem() throws Exception {
    byte[] disk = madeByQemu();
    ByteBuffer header = ByteBuffer.wrap(disk);
    for (int slot = 1; slot < 8; slot++) {
      // Active, and with the iterations of the first one (LUKS 1.2.3, figure 2).
      header.putInt(208 + slot * SLOT_BYTES, 0x00AC71F3);
      header.putInt(208 + slot * SLOT_BYTES + 4, header.getInt(212));
    }
    isAProblem(disk, "all key slots");
  }

  @Test
  void theOneKeyOfACloudWithoutBarbicanNeedsNoOtherHeader() {
    assertThat(lines(FIXED, new byte[1 << 20])).isEmpty();
  }
}
