package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What Kedge keeps on a backup target. Thread-safe. */
public final class Repository {
  private static final String IMAGES = "images/";

  private final BackupTarget target;
  private final RepositoryContext context;
  private final RepositoryInfo info;

  private Repository(BackupTarget target, RepositoryContext context, RepositoryInfo info) {
    this.target = target;
    this.context = context;
    this.info = info;
  }

  /**
   * Opens a repository.
   *
   * @throws KedgeException with NOT_FOUND where there is none, REFUSED where it has a newer format,
   *     AUTHENTICATION_FAILED where it is encrypted and the target does not decrypt
   */
  public static Repository open(BackupTarget target) {
    return open(target, RepositoryContext.system());
  }

  static Repository open(BackupTarget target, RepositoryContext context) {
    return of(target, context, RepositoryInfo.read(target).orElseThrow(() -> notFound(target)));
  }

  /**
   * Opens a repository, or makes one in an empty place.
   *
   * @throws KedgeException with REFUSED where there is none and the place is not empty
   */
  public static Repository openOrCreate(BackupTarget target) {
    return openOrCreate(target, RepositoryContext.system());
  }

  static Repository openOrCreate(BackupTarget target, RepositoryContext context) {
    return of(target, context, create(target, context, info -> info).info());
  }

  /**
   * What making a repository came to.
   *
   * @param info the repository that is there now
   * @param created whether it was made by this call
   */
  public record Creation(RepositoryInfo info, boolean created) {}

  /**
   * Makes a repository in an empty place; where there is one already, it is left as it is.
   *
   * @param settings makes a plain repository into the wanted one
   * @throws KedgeException with REFUSED where there is none and the place is not empty
   */
  public static Creation create(BackupTarget target, UnaryOperator<RepositoryInfo> settings) {
    return create(target, RepositoryContext.system(), settings);
  }

  private static Creation create(
      BackupTarget target, RepositoryContext context, UnaryOperator<RepositoryInfo> settings) {
    target.createLocation();
    Optional<RepositoryInfo> existing = RepositoryInfo.read(target);
    if (existing.isPresent()) {
      return new Creation(existing.get(), false);
    }
    if (!target.isEmpty()) {
      // Another process may have made it since we looked.
      return RepositoryInfo.read(target)
          .map(info -> new Creation(info, false))
          .orElseThrow(() ->
              new KedgeException(
                  ErrorCode.REFUSED,
                  target.location()
                      + " is not a Kedge repository and not empty: choose an empty place"));
    }
    RepositoryInfo info =
        settings.apply(RepositoryInfo.fresh(context.time().now(), target.examine()));
    boolean created = target.putIfAbsent(RepositoryInfo.NAME, info.toBytes());
    if (created && info.encryption() != null) {
      target.replace(RepositoryInfo.COPY, info.toBytes());
    }
    return new Creation(RepositoryInfo.read(target).orElseThrow(() -> notFound(target)), created);
  }

  private static Repository of(
      BackupTarget target, RepositoryContext context, RepositoryInfo info) {
    if (info.encryption() != null && !target.isEncrypted()) {
      throw new KedgeException(
          ErrorCode.AUTHENTICATION_FAILED,
          "The repository in "
              + target.location()
              + " is encrypted, and was opened without its key");
    }
    if (info.encryption() == null && target.isEncrypted()) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "The repository in " + target.location() + " was encrypted, and is not any more");
    }
    return new Repository(target, context, info);
  }

  private static KedgeException notFound(BackupTarget target) {
    return new KedgeException(
        ErrorCode.NOT_FOUND,
        "There is no Kedge repository in "
            + target.location()
            + ": check the name, or make one with 'kedge init' or the first backup");
  }

  /**
   * Changes the key slots of an encrypted repository, alone among all processes. Whoever reads
   * meanwhile, and whatever crashes, sees the old slots or the new ones.
   *
   * @throws KedgeException with BUSY where another process changes them, REFUSED where the
   *     repository is not encrypted; and whatever the change throws
   */
  public RepositoryInfo changeKeySlots(UnaryOperator<Encryption> change) {
    ImageFolder folder = ImageFolder.ofKeys(target);
    String name = "the list of key slots in " + target.location();
    try (Lease lease = new LeaseAcquisition(folder, name, context).acquire()) {
      RepositoryInfo current = RepositoryInfo.read(target).orElseThrow(() -> notFound(target));
      Encryption encryption = current.encryption();
      if (encryption == null) {
        throw new KedgeException(
            ErrorCode.REFUSED, "The repository in " + target.location() + " is not encrypted");
      }
      byte[] bytes = current.withEncryption(change.apply(encryption)).toBytes();
      // What no Kedge could read back would lock everybody out.
      RepositoryInfo changed = RepositoryInfo.parse(bytes, RepositoryInfo.NAME);
      lease.confirm();
      target.replace(RepositoryInfo.NAME, bytes);
      target.replace(RepositoryInfo.COPY, bytes);
      return changed;
    }
  }

  /** What was fixed when it was made. */
  public RepositoryInfo info() {
    return info;
  }

  /** Whether its objects are encrypted, so that only Kedge reads them. */
  public boolean isEncrypted() {
    return info.encryption() != null;
  }

  /** Where it is; for messages. */
  public String location() {
    return target.location();
  }

  /** How many threads should read from it at a time. */
  public int readers() {
    return target.readers();
  }

  /** The images that have a folder here, by id. */
  public List<ImageStore> images() {
    List<ImageStore> images = new ArrayList<>();
    for (String name : target.folders(IMAGES)) {
      UUID id = Uuids.parseOrNull(name);
      if (id != null) {
        ImageFolder folder = new ImageFolder(target, id);
        ImageStore image = new ImageStore(folder, context);
        // A lost description must not hide the restore points. The folder of an image that was
        // moved has neither.
        if (target.exists(folder.name(ImageJson.NAME)) || image.hasManifests()) {
          images.add(image);
        }
      }
    }
    return images;
  }

  /** The restore points of instances. */
  public InstanceStore instances() {
    return new InstanceStore(target);
  }

  /** When the verification of everything began that was interrupted; empty where none was. */
  public Optional<Instant> interruptedVerification() {
    return VerificationRun.begunAt(target);
  }

  /** Remembers that a verification of everything begins, for {@link #interruptedVerification}. */
  public void verificationBegins(Instant at) {
    VerificationRun.begin(target, at);
  }

  /** Remembers that it came to its end. */
  public void verificationEnds() {
    VerificationRun.end(target);
  }

  /** What lies on the target and belongs to no restore point. */
  public List<ForeignObject> foreignObjects() {
    return new ForeignObjects(target).find();
  }

  /** What restores of instances have made so far. */
  public RestoreJournals restoreJournals() {
    return new RestoreJournals(target);
  }

  /**
   * Becomes the one that restores an instance.
   *
   * @throws KedgeException with BUSY where another process does
   */
  public Lease acquireRestoreLease(UUID instanceId) {
    return new LeaseAcquisition(
            ImageFolder.ofInstance(target, instanceId), "instance " + instanceId, context)
        .acquire();
  }

  /**
   * The store of an image that is to be backed up; made if it is not there. That of an image that
   * was moved is the one under its first name.
   */
  public ImageStore image(ImageIdentity identity) {
    ImageFolder folder = new ImageFolder(target, identity.imageId());
    String name = folder.name(ImageJson.NAME);
    if (!target.exists(name)) {
      Optional<MovedImage> moved = MovedJson.read(folder);
      if (moved.isPresent()) {
        return image(moved.get().series());
      }
      target.putIfAbsent(name, ImageJson.write(identity));
    }
    return new ImageStore(folder, context, readOrRepair(folder, identity));
  }

  private ImageStore series(MovedImage moved) {
    return ownFolder(moved.series());
  }

  /** The same, where there is one; nothing is made. */
  public Optional<ImageStore> existing(ImageIdentity identity) {
    ImageStore own = ownFolder(identity);
    if (target.exists(new ImageFolder(target, identity.imageId()).name(ImageJson.NAME))) {
      return Optional.of(own);
    }
    Optional<MovedImage> moved = moved(identity);
    return moved.isPresent()
        ? moved.map(this::series)
        : Optional.of(own).filter(ImageStore::hasManifests);
  }

  /** Where the image is said to have been moved from. */
  public Optional<MovedImage> moved(ImageIdentity identity) {
    return MovedJson.read(new ImageFolder(target, identity.imageId()));
  }

  /** The folder that is named for an image, whether its restore points are there or not. */
  public ImageStore ownFolder(ImageIdentity identity) {
    return new ImageStore(new ImageFolder(target, identity.imageId()), context, identity);
  }

  /** Every image whose restore points are under an earlier name. */
  private List<MovedImage> movedImages(Consumer<KedgeException> damaged) {
    List<MovedImage> found = new ArrayList<>();
    for (String name : target.folders(IMAGES)) {
      UUID id = Uuids.parseOrNull(name);
      if (id == null) {
        continue;
      }
      try {
        ImageFolder folder = new ImageFolder(target, id);
        if (target.exists(folder.name(MovedJson.NAME))) {
          MovedJson.read(folder).ifPresent(found::add);
        }
      } catch (KedgeException e) {
        if (e.code() != ErrorCode.VERIFICATION_FAILED) {
          throw e;
        }
        damaged.accept(e);
      }
    }
    return found;
  }

  /** What is wrong with the descriptions of images that were moved. */
  public List<KedgeException> damagedMoves() {
    List<KedgeException> damaged = new ArrayList<>();
    movedImages(damaged::add);
    return damaged;
  }

  // The folder's name follows from the identity, which so can be written anew as it was.
  private ImageIdentity readOrRepair(ImageFolder folder, ImageIdentity identity) {
    try {
      return ImageJson.read(folder);
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.VERIFICATION_FAILED) {
        throw e;
      }
      target.replace(folder.name(ImageJson.NAME), ImageJson.write(identity));
      return ImageJson.read(folder);
    }
  }

  /**
   * The store of a disk that is not on Ceph.
   *
   * @throws KedgeException with NOT_FOUND where there is none, VERIFICATION_FAILED where there is
   *     none but one that cannot be read
   */
  public ImageStore findElsewhere(ImageIdentity disk) {
    return find(disk);
  }

  /**
   * The store of the image with that name, of whichever cluster.
   *
   * @throws KedgeException with NOT_FOUND where there is none, USAGE where several clusters have
   *     one, VERIFICATION_FAILED where there is none but one that cannot be read
   */
  public ImageStore findImage(String pool, String namespace, String name) {
    return find(new ImageIdentity("", pool, namespace, name));
  }

  private ImageStore find(ImageIdentity wanted) {
    List<ImageStore> found = new ArrayList<>();
    KedgeException damage = null;
    for (ImageStore image : images()) {
      try {
        ImageIdentity identity = image.identity();
        if (isCalled(identity, wanted)) {
          found.add(image);
        }
      } catch (KedgeException e) {
        damage = Objects.requireNonNullElse(damage, e);
      }
    }
    List<KedgeException> damagedMoves = new ArrayList<>();
    for (MovedImage moved :
        found.isEmpty() ? movedImages(damagedMoves::add) : List.<MovedImage>of()) {
      if (isCalled(moved.image(), wanted)) {
        found.add(series(moved));
      }
    }
    if (damage == null && !damagedMoves.isEmpty()) {
      damage = damagedMoves.getFirst();
    }
    return one(found, wanted, damage);
  }

  /** Whatever the cluster; but a pool may be called like what is not on Ceph. */
  private static boolean isCalled(ImageIdentity image, ImageIdentity wanted) {
    return image.isOnCeph() == wanted.isOnCeph()
        && image.pool().equals(wanted.pool())
        && image.namespace().equals(wanted.namespace())
        && image.name().equals(wanted.name());
  }

  private ImageStore one(
      List<ImageStore> found, ImageIdentity wanted, @Nullable KedgeException damage) {
    if (found.size() == 1) {
      return found.getFirst();
    }
    if (found.isEmpty() && damage != null) {
      throw damage;
    }
    if (found.isEmpty()) {
      throw new KedgeException(
          ErrorCode.NOT_FOUND, "There is no backup of " + wanted + " in " + target.location());
    }
    throw new KedgeException(
        ErrorCode.USAGE,
        "Several clusters have %s; name a restore point by its id instead: %s"
            .formatted(
                wanted,
                found.stream()
                    .map(i -> "image " + i.imageId() + " of cluster " + i.identity().clusterFsid())
                    .collect(Collectors.joining(", "))));
  }

  /**
   * A restore point by its id, or by the start of its id if no other starts so.
   *
   * @throws KedgeException with NOT_FOUND where there is none, USAGE where several start so or the
   *     text cannot be an id, VERIFICATION_FAILED where its manifest is damaged
   */
  public FoundPoint findPoint(String idOrUniquePrefix) {
    PointPlace place = findPlace(idOrUniquePrefix);
    return new FoundPoint(place.image(), place.image().point(place.point()));
  }

  /** The same for one whose manifest may be damaged. */
  public PointPlace findPlace(String idOrUniquePrefix) {
    PointPrefix prefix = PointPrefix.parse(idOrUniquePrefix);
    List<PointPlace> candidates = candidates(prefix);
    if (candidates.isEmpty()) {
      throw new KedgeException(
          ErrorCode.NOT_FOUND,
          "There is no restore point " + prefix.text() + " in " + target.location());
    }
    if (candidates.size() > 1) {
      throw prefix.ambiguous(candidates.stream().map(PointPlace::point).toList());
    }
    return candidates.getFirst();
  }

  private List<PointPlace> candidates(PointPrefix prefix) {
    List<PointPlace> candidates = new ArrayList<>();
    for (ImageStore image : images()) {
      for (UUID id : image.manifestIds()) {
        if (prefix.matches(id) && image.hasPoint(id)) {
          candidates.add(new PointPlace(image, id));
        }
      }
    }
    return candidates;
  }
}
