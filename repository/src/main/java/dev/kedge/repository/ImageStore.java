package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The restore points of one image. Reading needs nothing; whatever changes something needs the
 * image's {@link Lease}. Thread-safe.
 */
public final class ImageStore {
  // Two that have one sequence are of two repositories, one of them copied.
  private static final Comparator<Manifest> ORDER =
      Comparator.comparingLong(Manifest::sequence)
          .thenComparing(Manifest::createdAt)
          .thenComparing(Manifest::id);

  private static final int LOOKS = 20;

  private final ImageFolder folder;
  private final RepositoryContext context;
  private final Identity identity;

  private interface Identity {
    ImageIdentity get();
  }

  /** A store whose identity is read when it is asked for. */
  ImageStore(ImageFolder folder, RepositoryContext context) {
    this.folder = folder;
    this.context = context;
    this.identity = () -> ImageJson.read(folder);
  }

  ImageStore(ImageFolder folder, RepositoryContext context, ImageIdentity identity) {
    this.folder = folder;
    this.context = context;
    this.identity = () -> identity;
  }

  /** The image's id. */
  public UUID imageId() {
    return folder.imageId();
  }

  /**
   * What the image is called.
   *
   * @throws KedgeException with VERIFICATION_FAILED where that object is damaged
   */
  public ImageIdentity identity() {
    return identity.get();
  }

  /** The image as messages call it, even where its identity is damaged. */
  private String imageName() {
    try {
      return identity().toString();
    } catch (KedgeException e) {
      return "image " + imageId();
    }
  }

  /** See {@link BackupTarget#buffersWrites}. */
  public boolean buffersWrites() {
    return folder.target().buffersWrites();
  }

  /** Every restore point and retired layer; those with damaged manifests apart. */
  public PointListing points() {
    List<Manifest> points = new ArrayList<>();
    List<DamagedPoint> damaged = new ArrayList<>();
    MergeView view = MergeView.of(folder);
    for (UUID id : manifestIds()) {
      switch (view.read(id).orElse(null)) {
        case PointObject.Committed(Manifest manifest, byte[] _) -> points.add(manifest);
        case PointObject.Damaged(UUID point, KedgeException failure) ->
            damaged.add(new DamagedPoint(point, failure));
        case PointObject.Aborted _ -> {}
        case null -> {} // Deleted since it was listed.
      }
    }
    points.sort(ORDER);
    return new PointListing(points, damaged);
  }

  /** The ids under which there is a manifest, or a tombstone. */
  List<UUID> manifestIds() {
    List<UUID> ids = new ArrayList<>();
    for (StoredObject object : folder.list()) {
      UUID id = PointNames.ofManifest(object.baseName());
      if (id != null) {
        ids.add(id);
      }
    }
    return ids;
  }

  /** Whether there is any restore point or layer, be its manifest damaged. */
  public boolean hasManifests() {
    return manifestIds().stream().anyMatch(folder::hasManifest);
  }

  /** The newest restore point whose manifest can be read; see {@link PointListing#damaged}. */
  public Optional<Manifest> latest() {
    return points().latest();
  }

  /**
   * A restore point.
   *
   * @throws KedgeException with NOT_FOUND, or VERIFICATION_FAILED where its manifest is damaged
   */
  public Manifest point(UUID point) {
    return find(point).orElseThrow(() -> missing(point));
  }

  private KedgeException missing(UUID point) {
    return new KedgeException(
        ErrorCode.NOT_FOUND, "There is no restore point " + point + " of " + imageName());
  }

  /** Whether there is a restore point that is not retired, be its manifest damaged. */
  boolean hasPoint(UUID point) {
    return MergeView.of(folder).read(point).filter(ImageFolder::isPoint).isPresent();
  }

  /** A restore point or retired layer, if it exists; throws where its manifest is damaged. */
  public Optional<Manifest> find(UUID point) {
    return find(point, MergeView.of(folder));
  }

  private static Optional<Manifest> find(UUID point, MergeView view) {
    return switch (view.read(point).orElse(null)) {
      case PointObject.Committed(Manifest manifest, byte[] _) -> Optional.of(manifest);
      case PointObject.Damaged(UUID _, KedgeException failure) -> throw failure;
      case PointObject.Aborted _ -> Optional.empty();
      case null -> Optional.empty();
    };
  }

  /**
   * A restore point and all it builds on, itself first, the full one last. While somebody prunes,
   * files may change places between this look and the next: look again after opening them.
   *
   * @throws KedgeException with NOT_FOUND where the restore point does not exist, with
   *     VERIFICATION_FAILED where one it builds on is missing or damaged, or they form a loop
   */
  public List<Manifest> chain(UUID point) {
    KedgeException before = null;
    for (int i = 0; ; i++) {
      try {
        return chainNow(point);
      } catch (KedgeException e) {
        // What was merged between reading two manifests looks like a gap, once.
        boolean again = before != null && Objects.equals(before.getMessage(), e.getMessage());
        if (again || i == LOOKS) {
          throw e;
        }
        before = e;
      }
    }
  }

  private List<Manifest> chainNow(UUID point) {
    List<Manifest> chain = new ArrayList<>();
    Set<UUID> seen = new HashSet<>();
    MergeView view = MergeView.of(folder);
    Manifest layer = find(point, view).orElseThrow(() -> missing(point));
    while (true) {
      chain.add(layer);
      seen.add(layer.id());
      UUID parent = layer.parent();
      if (parent == null) {
        return chain;
      }
      if (seen.contains(parent)) {
        throw broken(layer, "builds on " + parent + ", which builds on it");
      }
      Manifest child = layer;
      layer =
          find(parent, view)
              .orElseThrow(() -> broken(child, "builds on " + parent + ", which is missing"));
    }
  }

  private KedgeException broken(Manifest layer, String how) {
    return new KedgeException(
        ErrorCode.VERIFICATION_FAILED,
        "The chain of %s is broken: restore point %s %s".formatted(imageName(), layer.id(), how));
  }

  /** The name of a restore point's QCOW2 file on the target. */
  public String dataName(Manifest manifest) {
    return folder.name(manifest.file().name());
  }

  /** Opens the QCOW2 file of a restore point. */
  public ObjectInput openData(Manifest manifest) {
    ObjectInput input = folder.target().open(folder.name(manifest.file().name()));
    try {
      long lengthBytes = manifest.file().lengthBytes();
      return input.lengthBytes() > lengthBytes && MergeView.of(folder).isGrowing(manifest.id())
          ? new LimitedInput(input, lengthBytes)
          : input;
    } catch (RuntimeException e) {
      input.close();
      throw e;
    }
  }

  /** Opens the checksums of a restore point. */
  public SumsReader openSums(Manifest manifest) {
    String name = folder.name(manifest.sums().name());
    ObjectInput input = folder.target().open(name);
    try {
      return new SumsReader(name, input, manifest.sums().lengthBytes(), manifest.sums().digest());
    } catch (RuntimeException e) {
      input.close();
      throw e;
    }
  }

  /** Whether an earlier merge, or the giving back of space, is unfinished. */
  public boolean hasLeftovers() {
    return folder.target().exists(folder.name(MergeJournal.NAME))
        || points().layers().stream()
            .anyMatch(layer -> layer.isRetired() || layer.file().unpunchedBytes() > 0);
  }

  /** Whether files can be changed where they are. */
  public boolean changesInPlace() {
    return folder.target() instanceof InPlaceTarget;
  }

  /**
   * Begins to make a restore point's file stand for retired ones below it; see {@link Merge}.
   *
   * @param retired what goes, the lowest last
   */
  public Merge merge(Manifest child, List<Manifest> retired, boolean inPlace, Lease lease) {
    requireOurs(lease);
    return new Merge(folder, lease, child, retired, inPlace);
  }

  /** Opens the QCOW2 file of a restore point for changes; only where files change in place. */
  public ObjectEditor edit(Manifest manifest, Lease lease) {
    requireOurs(lease);
    if (!(folder.target() instanceof InPlaceTarget target)) {
      throw new IllegalStateException(folder.target().location() + " changes nothing in place");
    }
    return target.edit(folder.name(manifest.file().name()));
  }

  /** Notes how much of a restore point's dead clusters takes no space any more. */
  public Manifest notePunched(Manifest manifest, long punchedBytes, Lease lease) {
    requireOurs(lease);
    Manifest now = manifest.punched(punchedBytes);
    folder.target().replace(folder.name(PointNames.manifest(now.id())), now.toBytes());
    return now;
  }

  /** What is remembered of the verifications of a restore point as it is now. */
  public Proof proof(Manifest point) {
    return ProofsJson.read(folder).stream()
        .filter(proof -> proof.point().equals(point.id()))
        .filter(proof -> proof.content().equals(Proof.contentOf(point)))
        .findFirst()
        .orElseGet(() -> Proof.none(point));
  }

  /**
   * Remembers a verification. Where two processes do that at one moment, one of them may be
   * forgotten.
   */
  public void remember(Proof proof) {
    Map<UUID, Proof> proofs = new LinkedHashMap<>();
    ProofsJson.read(folder).forEach(known -> proofs.put(known.point(), known));
    proofs.keySet().retainAll(manifestIds());
    proofs.put(proof.point(), proof);
    ProofsJson.write(folder, proofs.values());
  }

  /**
   * Becomes the image's one writer.
   *
   * @throws KedgeException with BUSY where another is
   */
  public Lease acquireLease() {
    return new LeaseAcquisition(folder, imageName(), context).acquire();
  }

  /**
   * Starts the files of a restore point; what of them was there is gone. To be called after {@link
   * Lease#intend}.
   */
  public PointOutputs begin(UUID point) {
    ObjectOutput data = folder.target().create(folder.name(PointNames.data(point)));
    try {
      return new PointOutputs(data, folder.target().create(folder.name(PointNames.sums(point))));
    } catch (RuntimeException e) {
      data.close();
      throw e;
    }
  }

  /**
   * Makes a restore point exist, once its files are flushed. To be repeated with the same manifest
   * it is safe.
   *
   * <p>Where this throws BUSY, REFUSED or VERIFICATION_FAILED, the restore point does not exist
   * (unless it did before). Where it throws anything else, it may exist or not: leave its snapshot
   * and files alone; the next clean-up knows.
   *
   * @throws KedgeException with BUSY where the lease is lost
   */
  public void commit(Manifest manifest, Lease lease) {
    new Commit(folder, imageName()).commit(manifest, points(), lease);
  }

  /**
   * Says that restore points of other repositories are about to come here. From then on a damaged
   * manifest may be of one of those, and its snapshot somebody else's.
   */
  public void expectCopies(Lease lease) {
    requireOurs(lease);
    CopiesJson.write(folder);
  }

  /** Whether {@link #expectCopies} was called, ever. */
  public boolean mayHoldCopies() {
    return folder.target().exists(folder.name(CopiesJson.NAME));
  }

  /**
   * The same as {@link #commit} for a restore point that another repository has: it keeps its
   * sequence, whichever there are here.
   */
  public void commitCopy(Manifest manifest, Lease lease) {
    List<Manifest> concerned = new ArrayList<>();
    find(manifest.id()).ifPresent(concerned::add);
    if (manifest.parent() != null) {
      find(manifest.parent()).ifPresent(concerned::add);
    }
    new Commit(folder, imageName())
        .commitCopy(manifest, new PointListing(concerned, List.of()), lease);
  }

  /** Removes the files of a restore point that was begun and not committed. */
  public void discard(UUID point, Lease lease) {
    requireOurs(lease);
    if (folder.hasManifest(point)) {
      throw new KedgeException(
          ErrorCode.REFUSED, "Restore point " + point + " is committed and was not discarded");
    }
    folder.target().delete(folder.name(PointNames.sums(point)));
    folder.target().delete(folder.name(PointNames.data(point)));
  }

  /**
   * Deletes a restore point or retired layer that nothing builds on: the manifest first, so that no
   * crash leaves one without its files. Its snapshot is removed by the next backup's clean-up.
   *
   * @throws KedgeException with REFUSED where others build on it, an instance's record names it, or
   *     where that cannot be told
   */
  public void delete(UUID point, Lease lease) {
    delete(List.of(point), lease);
  }

  /** The same for several, each before what it builds on. */
  public void delete(List<UUID> points, Lease lease) {
    requireOurs(lease);
    new Deletion(folder, imageName()).delete(points, points(), lease);
  }

  /**
   * Makes restore points mere layers, which nobody sees, but others build on.
   *
   * @throws KedgeException with REFUSED, before anything is changed, where an instance's record
   *     names one, or where that cannot be told
   */
  public void retire(Collection<Manifest> points, Lease lease) {
    requireOurs(lease);
    new Deletion(folder, imageName()).retire(points, points(), context.time().now(), lease);
  }

  /** Removes what killed runs left; see {@link CleanUp}. */
  public CleanUp cleanUp(Lease lease) {
    requireOurs(lease);
    return new Janitor(folder, lease).cleanUp();
  }

  /**
   * The states of the image that a restore into it can be taken back to, the newest last.
   *
   * @throws KedgeException with VERIFICATION_FAILED where they cannot be read
   */
  public List<UndoPoint> undoPoints() {
    return UndoJson.read(folder);
  }

  /** Replaces {@link #undoPoints}, durably. */
  public void replaceUndoPoints(List<UndoPoint> points, Lease lease) {
    requireOurs(lease);
    UndoJson.write(folder, points);
  }

  /**
   * Says that the image this folder is named for was moved, and that its restore points are in
   * another folder from now on, which its backups go on with: one write makes it so.
   *
   * @param moved the image, whose folder this is, and its earlier names
   * @param seriesLease the lease of that other folder
   * @throws KedgeException with REFUSED where the image has restore points of its own, or states
   *     that restores into it can be taken back to
   */
  public void giveWayTo(ImageStore series, MovedImage moved, Lease seriesLease, Lease lease) {
    requireOurs(lease);
    series.requireOurs(seriesLease);
    String obstacle =
        hasManifests()
            ? "restore points of its own"
            : !undoPoints().stream().allMatch(UndoPoint::released)
                ? "in-place restores that can be taken back (take them back, or let them go by 'kedge restore --discard-undo')"
                : MovedJson.read(folder)
                        .filter(before -> !before.series().equals(moved.series()))
                        .isPresent()
                    ? "restore points under another earlier name"
                    : null;
    if (obstacle != null) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "%s cannot go on with the restore points of %s in %s: it has %s"
              .formatted(moved.image(), moved.from(), folder.target().location(), obstacle));
    }
    // Without a description a folder with no restore points counts for nothing.
    folder.target().delete(folder.name(ImageJson.NAME));
    MovedJson.write(folder, moved);
  }

  /**
   * To be asked by whoever is about to write the first restore point: somebody may have found out
   * meanwhile that the image was moved.
   *
   * @throws KedgeException with BUSY where its restore points are in another folder now
   */
  public void requireNotMoved(Lease lease) {
    requireOurs(lease);
    if (MovedJson.read(folder).isPresent()) {
      folder.target().delete(folder.name(ImageJson.NAME));
      throw new KedgeException(
          ErrorCode.BUSY, imageName() + " was just found to have been moved: try again");
    }
  }

  private void requireOurs(Lease lease) {
    if (!lease.imageId().equals(imageId())) {
      throw new IllegalArgumentException("That lease is of image " + lease.imageId());
    }
    lease.confirm();
  }
}
