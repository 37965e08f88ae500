package dev.kedge.engine.history;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every restore point is what its snapshot was, whatever happened to the image. */
class HistoryTest extends Histories {
  private static final int BACKUPS = backups(8);

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("histories")
  void everyRestorePointIsWhatItsSnapshotWas(ImageKind kind, long seed) {
    live(kind, seed, false, BACKUPS);
  }
}
