package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.MergeJournal.Result;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The restore points of an image as they are while a merge is under way, or after one was killed. A
 * merge changes a file, checksums and a manifest, one after the other; which of the two states
 * counts is told by the file alone. Immutable: a look at one moment.
 *
 * <p>The states of a merge in place, each of them whole for whoever reads the child:
 *
 * <ol>
 *   <li>the base's file has grown behind its end, and its header knows nothing of that;
 *   <li>the base's file has the new header and holds what the child holds; the child still builds
 *       on it, and hides nothing that differs;
 *   <li>the base's file has the child's name.
 * </ol>
 */
final class MergeView {
  /** Where the merged file is. */
  enum Place {
    NOWHERE,
    UNDER_BASE,
    UNDER_CHILD
  }

  private final ImageFolder folder;
  private final @Nullable MergeJournal journal;
  private final Place place;

  private MergeView(ImageFolder folder, @Nullable MergeJournal journal, Place place) {
    this.folder = folder;
    this.journal = journal;
    this.place = place;
  }

  static MergeView of(ImageFolder folder) {
    MergeJournal journal = MergeJournal.read(folder).orElse(null);
    return new MergeView(folder, journal, journal == null ? Place.NOWHERE : place(folder, journal));
  }

  static Place place(ImageFolder folder, MergeJournal journal) {
    Result result = journal.result();
    if (result == null) {
      return Place.NOWHERE;
    }
    byte[] sector = result.sectorBytes();
    if (beginsWith(folder, journal.child(), sector)) {
      return Place.UNDER_CHILD;
    }
    if (journal.inPlace() && beginsWith(folder, journal.base(), sector)) {
      return Place.UNDER_BASE;
    }
    // It may have been renamed between the two looks.
    return beginsWith(folder, journal.child(), sector) ? Place.UNDER_CHILD : Place.NOWHERE;
  }

  private static boolean beginsWith(ImageFolder folder, UUID point, byte[] sector) {
    byte[] found = new byte[sector.length];
    try (ObjectInput input = folder.target().open(folder.name(PointNames.data(point)))) {
      input.readFully(0, ByteBuffer.wrap(found));
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.NOT_FOUND || e.code() == ErrorCode.VERIFICATION_FAILED) {
        return false;
      }
      throw e;
    }
    return Arrays.equals(found, sector);
  }

  /** What counts of a restore point, by what is under the name of its manifest. */
  Optional<PointObject> read(UUID point) {
    Optional<PointObject> stored = folder.read(point);
    MergeJournal merge = journal;
    Result result = merge == null ? null : merge.result();
    if (merge == null || result == null) {
      return stored;
    }
    return switch (place) {
      case NOWHERE -> stored;
      case UNDER_BASE ->
          point.equals(merge.base()) ? stored.map(base -> asLayer(base, result)) : stored;
      case UNDER_CHILD -> {
        if (point.equals(merge.child())) {
          yield Optional.of(committed(result.manifest()));
        }
        yield merge.retired().contains(point) ? Optional.empty() : stored;
      }
    };
  }

  private static PointObject asLayer(PointObject stored, Result result) {
    return stored instanceof PointObject.Committed(Manifest base, byte[] _)
        ? committed(result.manifest().asLayer(base))
        : stored;
  }

  private static PointObject committed(Manifest manifest) {
    return new PointObject.Committed(manifest, manifest.toBytes());
  }

  /** Whether a restore point's file may be longer than its manifest says. */
  boolean isGrowing(UUID point) {
    return journal != null && journal.inPlace() && point.equals(journal.base());
  }
}
