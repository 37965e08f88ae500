package dev.kedge.engine.history;

import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.testing.LabCeph;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random histories in which the image itself is taken back to its restore points: it then is what
 * the point's snapshot was, an undo makes it what it was before, and every later backup is right.
 * {@code -Dkedge.inplace.seed=7} and {@code -Dkedge.inplace.backups=30} make other and longer ones.
 */
@Tag("slow")
class InPlaceHistoryTest {
  private static final long SEED = Long.getLong("kedge.inplace.seed", 11);
  private static final int BACKUPS = Integer.getInteger("kedge.inplace.backups", 4);

  @SuppressWarnings("NullAway.Init") // set before all tests
  private static LabCeph lab;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path folder;

  @BeforeAll
  static void connect() {
    lab = LabCeph.connect();
  }

  @AfterAll
  static void disconnect() {
    lab.close();
  }

  @ParameterizedTest
  @EnumSource
  void theImageIsWhatItsRestorePointIs(ImageKind kind) {
    RbdPool pool = kind.openPool(lab);
    History history = new History(lab, kind, pool, SEED, folder, true);
    try (history) {
      history.tell(BACKUPS);
    } catch (Throwable e) {
      throw new AssertionError(
          "%s with seed %d: %s%n  %s".formatted(kind, SEED, e, String.join("\n  ", history.log())),
          e);
    }
  }
}
