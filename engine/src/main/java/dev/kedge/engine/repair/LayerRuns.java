package dev.kedge.engine.repair;

import dev.kedge.repository.Checksum;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Which clusters a layer has to hold, in ascending order. */
interface LayerRuns {
  /** Hears of them. */
  interface Visitor {
    /** Clusters that follow each other; a checksum is null where it is lost. */
    void data(long first, @Nullable Checksum[] checksums) throws IOException;

    /** Clusters that read as zeroes. */
    void zeroes(long first, long count) throws IOException;
  }

  /** Visits all; can be repeated. */
  void forEach(Visitor visitor) throws IOException;
}
