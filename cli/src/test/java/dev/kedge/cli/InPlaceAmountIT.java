package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.ceph.ImageSpec;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.testing.LabCeph;
import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Programs;
import dev.kedge.cli.testing.TargetFolder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How much a restore into a large image writes. */
@Tag("slow")
final class InPlaceAmountIT extends CliTest {
  private static final long IMAGE_BYTES = 20L << 30;
  private static final long DATA_BYTES = 2L << 30;
  private static final int DAMAGE_BYTES = 200 * MIB;
  private static final int BLOCK_BYTES = 4 * MIB;
  // 64 KiB: what backups store by default.
  private static final int CLUSTER_BYTES = 64 << 10;

  private final SplittableRandom random = new SplittableRandom(SEED);
  private String name;
  private Path target;
  private String point;

  @BeforeAll
  void aLargeImageWithSomeData() {
    name = lab().image(lab().pool(), ImageSpec.ofSize(IMAGE_BYTES));
    target = newPath("target");
    // In eight heaps all over it.
    for (long heap = 0; heap < 8; heap++) {
      write(heap * IMAGE_BYTES / 8, DATA_BYTES / 8, BLOCK_BYTES, BLOCK_BYTES);
    }
    point = kedge().run(backup()).exits(0).text("restorePoint");
  }

  // A large repository is not left for the end of all tests.
  @AfterAll
  void removeTarget() {
    new TargetFolder(target).remove();
  }

  private String[] backup() {
    return new String[] {"backup", rbd(), "--target", target.toString(), "-o", "json"};
  }

  private String rbd() {
    return "rbd:" + LabCeph.POOL + "/" + name;
  }

  // Noise in pieces of so many bytes, one in each step.
  private void write(long offset, long lengthBytes, int pieceBytes, long stepBytes) {
    try (RbdImage image = lab().pool().open(name);
        Arena arena = Arena.ofConfined()) {
      byte[] noise = new byte[pieceBytes];
      MemorySegment memory = arena.allocate(pieceBytes);
      for (long written = 0, at = offset; written < lengthBytes; at += stepBytes) {
        random.nextBytes(noise);
        MemorySegment.copy(noise, 0, memory, ValueLayout.JAVA_BYTE, 0, pieceBytes);
        image.write(at, memory);
        written += pieceBytes;
      }
    }
  }

  private void damage() {
    // Half in one piece, half scattered in clusters over data and holes.
    write(100L * MIB, DAMAGE_BYTES / 2, BLOCK_BYTES, BLOCK_BYTES);
    write(3L << 30, DAMAGE_BYTES / 2, CLUSTER_BYTES, 10L * MIB);
  }

  private Outcome restore(String... more) {
    String[] words = new String[more.length + 7];
    String[] first = {"restore", "--target", target.toString(), "--to", rbd(), "-o", "json"};
    System.arraycopy(first, 0, words, 0, first.length);
    System.arraycopy(more, 0, words, first.length, more.length);
    return kedge().run(words).exits(0);
  }

  @Test
  void twoHundredMebibytesOfDamageInTwentyGibibytesAreRestoredByWritingTheseAlone() {
    damage();
    Outcome byDiff = restore(point, "--in-place");
    assertThat(byDiff.text("method")).isEqualTo("diff");
    assertAmount(byDiff);
    Outcome backup = kedge().run(backup()).exits(0);
    assertThat(backup.text("kind")).isEqualTo("incremental");
    assertIdentical(backup.text("restorePoint"));

    Outcome undone = restore("--undo");
    assertAmount(undone);
    try (RbdImage image = lab().pool().open(name)) {
      image.snapshots().forEach(snapshot -> image.removeSnapshot(snapshot.name()));
    }
    Outcome byChecksums = restore(point, "--in-place");
    assertThat(byChecksums.text("method")).isEqualTo("checksums");
    assertAmount(byChecksums);
    // A re-based backup reads everything, and stores what differs from the point.
    Outcome everything = kedge().run(backup()).exits(0);
    assertThat(everything.text("kind")).isEqualTo("rebased");
    assertThat(everything.number("storedBytes")).isZero();
    for (Outcome outcome : new Outcome[] {byDiff, undone, byChecksums}) {
      System.out.println("InPlaceAmountIT " + outcome.out());
    }
  }

  private static void assertAmount(Outcome outcome) {
    assertThat(outcome.number("writtenBytes"))
        .isGreaterThanOrEqualTo(DAMAGE_BYTES - MIB)
        .isLessThanOrEqualTo(DAMAGE_BYTES * 11L / 10);
  }

  private void assertIdentical(String other) {
    TargetFolder files = new TargetFolder(target);
    Programs.run(
        "qemu-img",
        "compare",
        files.file(point, "qcow2").toString(),
        files.file(other, "qcow2").toString());
  }
}
