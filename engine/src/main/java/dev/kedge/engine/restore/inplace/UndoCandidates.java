package dev.kedge.engine.restore.inplace;

import dev.kedge.ceph.RbdImage;
import dev.kedge.engine.plan.ChangeDetector;
import dev.kedge.engine.plan.ExtentList;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Finds where an image may differ from one of its snapshots. */
final class UndoCandidates {
  private UndoCandidates() {}

  /** The ranges that may differ, within the snapshot's size. */
  static CandidateRanges of(RbdImage image, RbdImage snapshot, RandomGenerator random)
      throws IOException {
    ExtentList changed = new ExtentList();
    long size = snapshot.sizeBytes();
    Optional<String> doubt = Optional.empty();
    if (image.parent().equals(snapshot.parent())) {
      // Not by fast-diff: the object map is not to be believed after a rollback.
      new ChangeDetector(image)
          .changedSince(Objects.requireNonNull(snapshot.snapshotName()), false)
          .forEach((offset, length, zero) ->
              changed.add(offset, Math.min(length, size - offset), false));
      changed.add(image.sizeBytes(), size - image.sizeBytes(), false);
      changed.normalise();
      doubt = SampleCheck.doubt(image, snapshot::read, size, changed, random);
    } else {
      doubt = Optional.of("what the clone reads from its parent has changed since");
    }
    return doubt
        .map(why -> new CandidateRanges(everything(size), CandidateRanges.Method.CONTENT, why))
        .orElseGet(() ->
            new CandidateRanges(changed, CandidateRanges.Method.DIFF, "the snapshot is there"));
  }

  private static ExtentList everything(long sizeBytes) {
    ExtentList all = new ExtentList();
    all.add(0, sizeBytes, false);
    return all;
  }
}
