package dev.kedge.engine.history;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.testing.LabCeph;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories: every restore point is what its snapshot was, whatever happened to the image;
 * and the image is what it should be after restores into it. With {@code
 * -Dkedge.history.seeds=7,8,9} each kind of image lives through those, with {@code
 * -Dkedge.history.backups=30} through longer ones, and with {@code
 * -Dkedge.history.kinds=PLAIN,CLONE} only these kinds do. A failure names its kind and seed, and
 * lists the steps.
 */
class HistoryTest {
  private static final String SEEDS = System.getProperty("kedge.history.seeds", "5");
  private static final String KINDS = System.getProperty("kedge.history.kinds", "");
  private static final int BACKUPS = Integer.getInteger("kedge.history.backups", 14);
  // Each with up to two restores in place and what comes of them.
  private static final int IN_PLACE_BACKUPS = Integer.getInteger("kedge.history.backups", 4);

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

  static List<Arguments> histories() {
    List<Arguments> histories = new ArrayList<>();
    for (String seed : SEEDS.split(",", -1)) {
      for (ImageKind kind : ImageKind.values()) {
        if (KINDS.isEmpty() || List.of(KINDS.split(",", -1)).contains(kind.name())) {
          histories.add(arguments(kind, Long.parseLong(seed.strip())));
        }
      }
    }
    return histories;
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("histories")
  void everyRestorePointIsWhatItsSnapshotWas(ImageKind kind, long seed) {
    live(kind, seed, false, BACKUPS);
  }

  @Tag("slow")
  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("histories")
  void theImageIsWhatWasRestoredInPlaceAndWhatItWasBeforeOnceTakenBack(ImageKind kind, long seed) {
    live(kind, seed, true, IN_PLACE_BACKUPS);
  }

  private void live(ImageKind kind, long seed, boolean inPlace, int backups) {
    RbdPool pool = kind.openPool(lab);
    History history = new History(lab, kind, pool, seed, folder, inPlace);
    try (history) {
      history.tell(backups);
    } catch (Throwable e) {
      throw new AssertionError(
          "%s with seed %d: %s%n  %s".formatted(kind, seed, e, String.join("\n  ", history.log())),
          e);
    }
  }
}
