package dev.kedge.engine.retention;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.qcow2.CheckReport;
import dev.kedge.qcow2.FreeSpace;
import dev.kedge.qcow2.Qcow2Check;
import dev.kedge.qcow2.Qcow2File;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.ObjectEditor;
import dev.kedge.repository.ObjectInput;
import java.io.IOException;

/**
 * Gives back what an earlier merge could not, because somebody read the file or the run was killed:
 * what the file's refcounts call free, once they are found right. For one thread, under the lease.
 */
final class DeadSpace {
  /** How it ended. */
  enum Outcome {
    GIVEN_BACK,
    BEING_READ,
    NOT_POSSIBLE
  }

  private final ImageStore store;
  private final Lease lease;

  DeadSpace(ImageStore store, Lease lease) {
    this.store = store;
    this.lease = lease;
  }

  Outcome giveBack(Manifest point) throws IOException {
    try (ObjectEditor editor = store.edit(point, lease)) {
      // Whoever opens the file from here on sees its present tables.
      if (editor.hasReaders()) {
        return Outcome.BEING_READ;
      }
      try (ObjectInput input = store.openData(point)) {
        Qcow2File file = Qcow2File.open(input, point.file().name());
        CheckReport report = Qcow2Check.check(file);
        if (!report.isSound() || input.lengthBytes() != point.file().lengthBytes()) {
          throw new KedgeException(
              ErrorCode.VERIFICATION_FAILED,
              point.file().name() + " is damaged: run 'kedge verify --all'");
        }
        boolean[] possible = {true};
        FreeSpace.forEach(
            file,
            (position, length) -> possible[0] = possible[0] && editor.punchHole(position, length));
        if (!possible[0]) {
          return Outcome.NOT_POSSIBLE;
        }
      }
    }
    Manifest.DataFile.Merged merged = point.file().merged();
    if (merged != null) {
      store.notePunched(point, merged.deadBytes(), lease);
    }
    return Outcome.GIVEN_BACK;
  }
}
