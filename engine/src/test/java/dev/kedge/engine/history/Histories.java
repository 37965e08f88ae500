package dev.kedge.engine.history;

import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.testing.LabCeph;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.Arguments;

/**
 * Random histories of every kind of image. With {@code -Dkedge.history.seeds=7,8,9} each kind lives
 * through those, with {@code -Dkedge.history.backups=30} through longer ones, and with {@code
 * -Dkedge.history.kinds=PLAIN,CLONE} only these kinds do. A failure names its kind and seed, and
 * lists the steps.
 */
abstract class Histories {
  private static final String SEEDS = System.getProperty("kedge.history.seeds", "5");
  private static final String KINDS = System.getProperty("kedge.history.kinds", "");

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

  /** How long a history is. */
  static int backups(int usually) {
    return Integer.getInteger("kedge.history.backups", usually);
  }

  /** Lives through one, in which a backup may be restored into its image. */
  void live(ImageKind kind, long seed, boolean inPlace, int backups) {
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
