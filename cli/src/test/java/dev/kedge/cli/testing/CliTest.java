package dev.kedge.cli.testing;

import dev.kedge.ceph.testing.LabCeph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
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
}
