package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.qcow2.AppendOutput;
import dev.kedge.repository.MergeJournal.Result;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Makes one restore point's file stand for retired ones below it, too: write the data, write the
 * checksums, {@link #commit}. Killed anywhere, every restore point stays readable, and the next
 * writer finishes or undoes it. Closed without a commit, it is undone. Not thread-safe.
 *
 * <p>In place the data is appended to the file of the lowest retired one, which then takes the
 * child's name; else a new file takes the child's place.
 */
public final class Merge implements AutoCloseable {
  private static final int SECTOR_BYTES = 512;

  private final ImageFolder folder;
  private final Lease lease;
  private final MergeRecovery recovery;
  private MergeJournal journal;
  private final @Nullable ObjectEditor editor;
  private final @Nullable ObjectOutput replacement;
  private final ObjectOutput sums;
  private boolean settled;

  /**
   * Begins one.
   *
   * @param retired what goes, the lowest last; in place there is one at least
   */
  Merge(ImageFolder folder, Lease lease, Manifest child, List<Manifest> retired, boolean inPlace) {
    this.folder = folder;
    this.lease = lease;
    this.recovery = new MergeRecovery(folder, lease);
    Manifest base = retired.isEmpty() ? child : retired.getLast();
    lease.confirm();
    if (MergeJournal.read(folder).isPresent()) {
      throw new KedgeException(
          ErrorCode.REFUSED, "A merge of this image is unfinished: clean up first");
    }
    journal =
        new MergeJournal(
            child.id(),
            retired.stream().map(Manifest::id).toList(),
            inPlace,
            base.id(),
            base.file().lengthBytes(),
            PointNames.sums(child.id(), PointNames.sumsGeneration(child.sums().name()) + 1),
            null);
    String childName = folder.name(PointNames.data(child.id()));
    ObjectEditor edited = inPlace ? edit(base) : null;
    ObjectOutput replaced = null;
    try {
      journal.write(folder);
      replaced = inPlace ? null : folder.target().createReplacement(childName);
      sums = folder.target().create(folder.name(journal.sumsName()));
    } catch (Throwable e) {
      closeAll(e, edited, replaced);
      throw e;
    }
    editor = edited;
    replacement = replaced;
  }

  private static void closeAll(Throwable failure, @Nullable AutoCloseable... resources) {
    for (AutoCloseable resource : resources) {
      try {
        if (resource != null) {
          resource.close();
        }
      } catch (Exception e) {
        failure.addSuppressed(e);
      }
    }
  }

  private ObjectEditor edit(Manifest base) {
    if (!(folder.target() instanceof InPlaceTarget target)) {
      throw new IllegalArgumentException(folder.target().location() + " changes nothing in place");
    }
    ObjectEditor opened = target.edit(folder.name(base.file().name()));
    if (opened.lengthBytes() != base.file().lengthBytes()) {
      long found = opened.lengthBytes();
      opened.close();
      throw new KedgeException(
          ErrorCode.VERIFICATION_FAILED,
          "%s has %d bytes instead of %d"
              .formatted(base.file().name(), found, base.file().lengthBytes()));
    }
    return opened;
  }

  /** Where the data goes: in place behind the end of the base's file, without a header. */
  public AppendOutput data() {
    ObjectEditor appended = editor;
    if (appended != null) {
      return new EndOfObject(appended);
    }
    return Objects.requireNonNull(replacement);
  }

  /** Where the checksums go; to be flushed before the commit. */
  public ObjectOutput sums() {
    return sums;
  }

  /** The name of the checksums beside the manifest. */
  public String sumsName() {
    return journal.sumsName();
  }

  /** Opens the new checksums, to be looked at before the commit. */
  public ObjectInput openNewSums() {
    return folder.target().open(folder.name(journal.sumsName()));
  }

  /** Opens the file that was appended to, with its old header; only in place. */
  public ObjectInput openNewData() {
    return folder.target().open(folder.name(PointNames.data(journal.base())));
  }

  /**
   * Makes it count, and removes the retired ones. Where this throws, it may count or not; the next
   * clean-up knows.
   *
   * @param merged the child's manifest from now on
   * @param header how its file begins
   */
  public void commit(Manifest merged, ByteBuffer header) {
    byte[] sector = new byte[SECTOR_BYTES];
    header.duplicate().get(sector);
    Result result = new Result(merged, HexFormat.of().formatHex(sector));
    ObjectEditor edited = editor;
    if (edited != null) {
      edited.flush();
    }
    sums.close();
    lease.renew();
    settled = true;
    journal = journal.with(result);
    journal.write(folder);
    if (edited != null) {
      recovery.switchOver(journal, result, edited);
    } else {
      lease.confirm();
      Objects.requireNonNull(replacement).flush();
      recovery.finish(journal, result);
    }
  }

  /**
   * Gives space of the committed file back that nothing refers to any more.
   *
   * @return whether the file system could
   */
  public boolean punchHole(long position, long lengthBytes) {
    return Objects.requireNonNull(editor).punchHole(position, lengthBytes);
  }

  /** Whether somebody reads the file who may still need what is dead since the commit. */
  public boolean hasReaders() {
    return Objects.requireNonNull(editor).hasReaders();
  }

  /** Undoes what was not committed. */
  @Override
  public void close() {
    try (ObjectEditor _ = editor;
        ObjectOutput _ = replacement;
        ObjectOutput _ = sums) {
      // The undoing opens the file itself.
      if (editor != null && !settled) {
        editor.close();
      }
      if (!settled) {
        settled = true;
        recovery.undo(journal);
      }
    }
  }
}
