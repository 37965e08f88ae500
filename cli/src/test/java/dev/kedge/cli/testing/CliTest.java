package dev.kedge.cli.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.testing.LabCeph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** What every test of the command has: the lab, a scratch folder, and the command. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class CliTest {
  /** A mebibyte. */
  protected static final int MIB = 1 << 20;

  /** How many times as many kills and damages as usual: {@code -Dkedge.thoroughness=10}. */
  protected static final int THOROUGHNESS = Integer.getInteger("kedge.thoroughness", 1);

  /** What the generated cases come from: {@code -Dkedge.seed=...}. */
  protected static final long SEED = Long.getLong("kedge.seed", 20261123);

  private LabCeph lab;
  private Path scratch;
  private Kedge kedge;
  private int folders;

  @BeforeAll
  void connect() throws IOException {
    lab = LabCeph.connect();
    scratch = Files.createTempDirectory("kedge-cli-test");
    kedge = Kedge.in(scratch);
  }

  @AfterAll
  void cleanUp() {
    if (lab != null) {
      lab.close();
    }
    if (scratch != null) {
      new TargetFolder(scratch).remove();
    }
  }

  /** The lab's Ceph. */
  protected LabCeph lab() {
    return lab;
  }

  /** The command. */
  protected Kedge kedge() {
    return kedge;
  }

  /** A path in the scratch folder where nothing is yet. */
  protected Path newPath(String name) {
    return scratch.resolve(name + "-" + folders++);
  }

  /** A target that does not exist yet. */
  protected TargetFolder newTarget() {
    return new TargetFolder(newPath("target"));
  }

  /** An image of this size, in part written, that has no backup yet. */
  protected Protected newProtected(int sizeBytes, SplittableRandom random) {
    TestImage image = TestImage.create(lab, sizeBytes);
    image.fill(random, 0, sizeBytes / 4);
    image.scribble(random, 20);
    return new Protected(kedge, image, newTarget());
  }

  /** Ends a run by SIGKILL, some time after something can be seen of it. */
  protected void kill(Running running, BooleanSupplier begun, int laterMillis) {
    while (running.isAlive() && !begun.getAsBoolean()) {
      LockSupport.parkNanos(500_000);
    }
    LockSupport.parkNanos(laterMillis * 1_000_000L);
    Outcome killed = running.kill();
    assertThat(killed.status())
        .as("%s %d ms after it began to write, seed %d", killed, laterMillis, SEED)
        .isEqualTo(137);
  }

  /**
   * A dead client counts as a watcher for half a minute, unless an administrator ends that. One
   * that was killed while it made the image may have left a name with nothing behind it.
   */
  protected void evictClients(String image) {
    try {
      lab.evictClients(lab.pool(), image);
    } catch (KedgeException e) {
      assertThat(e.code()).as("%s", e).isEqualTo(ErrorCode.NOT_FOUND);
    }
  }

  /** Whether a restore is writing this image, or was ended while it did. */
  protected boolean isIncomplete(String image) {
    try (RbdImage handle = lab.pool().openReadOnly(image, null)) {
      return handle.metadata("kedge.incomplete_restore").isPresent();
    }
  }
}
