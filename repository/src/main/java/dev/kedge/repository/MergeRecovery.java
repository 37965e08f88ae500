package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.MergeJournal.Result;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Finishes the merge that an image's journal tells of, or undoes it where nothing counts yet: for
 * the writer that began it, and for the next one if that was killed. Each step can be repeated. To
 * be used by one thread, under the lease.
 */
final class MergeRecovery {
  private final ImageFolder folder;
  private final Lease lease;

  MergeRecovery(ImageFolder folder, Lease lease) {
    this.folder = folder;
    this.lease = lease;
  }

  /** Leaves no journal; returns what it did, for people. */
  Optional<String> recover() {
    Optional<MergeJournal> found = MergeJournal.read(folder);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    MergeJournal journal = found.get();
    lease.confirm();
    // A file that its killed or delayed writer has not finished must not take the child's place
    // after it was found not to be there.
    var _ = folder.target().sweep(folder.name(PointNames.data(journal.child())), Instant.MAX);
    MergeView.Place place = MergeView.place(folder, journal);
    Result result = journal.result();
    boolean begun = place != MergeView.Place.NOWHERE;
    if (result == null || (!begun && !journal.inPlace())) {
      undo(journal);
      return Optional.of("undid a merge into restore point " + journal.child());
    }
    if (place == MergeView.Place.UNDER_CHILD) {
      finish(journal, result);
    } else {
      try (ObjectEditor editor = edit(journal.base())) {
        switchOver(journal, result, editor);
      }
    }
    return Optional.of("finished a merge into restore point " + journal.child());
  }

  private ObjectEditor edit(UUID point) {
    return inPlace().edit(folder.name(PointNames.data(point)));
  }

  private InPlaceTarget inPlace() {
    if (folder.target() instanceof InPlaceTarget target) {
      return target;
    }
    throw new KedgeException(
        ErrorCode.REFUSED,
        folder.name(MergeJournal.NAME)
            + " tells of a merge in place, which "
            + folder.target().location()
            + " cannot finish");
  }

  /** Removes what was added and counts for nothing. */
  void undo(MergeJournal journal) {
    lease.confirm();
    if (journal.inPlace()) {
      try (ObjectEditor editor = edit(journal.base())) {
        if (editor.lengthBytes() > journal.baseLengthBytes()) {
          editor.truncate(journal.baseLengthBytes());
          editor.flush();
        }
      }
    }
    folder.target().delete(folder.name(journal.sumsName()));
    folder.target().delete(folder.name(MergeJournal.NAME));
  }

  /** From the new header on, which is where the merge begins to count. */
  void switchOver(MergeJournal journal, Result result, ObjectEditor editor) {
    long expectedBytes = result.manifest().file().lengthBytes();
    if (editor.lengthBytes() != expectedBytes) {
      throw new KedgeException(
          ErrorCode.VERIFICATION_FAILED,
          "%s has %d bytes instead of the %d that %s names: the merge cannot go on"
              .formatted(
                  PointNames.data(journal.base()),
                  editor.lengthBytes(),
                  expectedBytes,
                  MergeJournal.NAME));
    }
    lease.confirm();
    editor.write(0, ByteBuffer.wrap(result.sectorBytes()));
    editor.flush();
    inPlace()
        .rename(
            folder.name(PointNames.data(journal.base())),
            folder.name(PointNames.data(journal.child())));
    finish(journal, result);
  }

  /** The child's file is in its place. */
  void finish(MergeJournal journal, Result result) {
    lease.confirm();
    Manifest merged = result.manifest();
    BackupTarget target = folder.target();
    target.replace(folder.name(PointNames.manifest(merged.id())), merged.toBytes());
    for (UUID point : journal.retired()) {
      new Deletion(folder, "the image").removeObjects(point, lease);
    }
    removeOldSums(merged);
    target.delete(folder.name(MergeJournal.NAME));
  }

  private void removeOldSums(Manifest merged) {
    List<StoredObject> objects = folder.target().list(folder.name(merged.id() + "."));
    for (StoredObject object : objects) {
      String name = object.baseName();
      if (PointNames.ofPayload(name) != null
          && !name.equals(merged.file().name())
          && !name.equals(merged.sums().name())) {
        folder.target().delete(object.name());
      }
    }
  }
}
