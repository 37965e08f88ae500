package dev.kedge.engine.history;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same of images into which backups are restored: and the image is what it should be then. */
@Tag("slow")
class HistoryWithRestoresTest extends Histories {
  // Each with up to two restores in place and what comes of them.
  private static final int BACKUPS = backups(2);

  @ParameterizedTest(name = "{0}, seed {1}")
  @MethodSource("histories")
  void theImageIsWhatWasRestoredInPlaceAndWhatItWasBeforeOnceTakenBack(ImageKind kind, long seed) {
    live(kind, seed, true, BACKUPS);
  }
}
