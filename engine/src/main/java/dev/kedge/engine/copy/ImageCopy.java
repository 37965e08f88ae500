package dev.kedge.engine.copy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.DataFailure;
import dev.kedge.engine.Progress;
import dev.kedge.engine.chain.ChainHealth;
import dev.kedge.engine.pipeline.RateLimit;
import dev.kedge.repository.DamagedPoint;
import dev.kedge.repository.ImageIdentity;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.MovedImage;
import dev.kedge.repository.PointListing;
import dev.kedge.repository.Repository;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Copies restore points of one image, each after those that it builds on, under the image's lease
 * at the destination. The source is only read, without a lease: what vanishes or changes there
 * meanwhile is looked at again. One use, one thread.
 */
final class ImageCopy {
  /** Each is a change at the source, between two looks at it. */
  private static final int ATTEMPTS = 5;

  private final ImageStore from;
  private final Repository source;
  private final Repository destination;
  private final PointListing stored;
  private final CopyRequest request;
  private final RateLimit rate;
  private final Progress progress;
  private final CancelToken cancel;
  private final List<UUID> wanted;

  private final Map<UUID, Manifest> there = new HashMap<>();
  private final Set<Manifest> consistent = new HashSet<>();
  private final Set<UUID> proven = new HashSet<>();
  // Nothing of these is touched: what is there of them may be needed.
  private final Map<UUID, KedgeException> damagedThere = new HashMap<>();
  private final Map<UUID, KedgeException> failed = new HashMap<>();
  private final List<CopiedPoint> copied = new ArrayList<>();
  private final List<Manifest> present = new ArrayList<>();
  private final List<CopyFailure> failures = new ArrayList<>();

  /** For these restore points, the oldest first. */
  ImageCopy(
      ImageStore from,
      Repository source,
      Repository destination,
      PointListing stored,
      List<UUID> wanted,
      CopyRequest request,
      RateLimit rate,
      Progress progress,
      CancelToken cancel) {
    this.from = from;
    this.source = source;
    this.destination = destination;
    this.stored = stored;
    this.wanted = List.copyOf(wanted);
    this.request = request;
    this.rate = rate;
    this.progress = progress;
    this.cancel = cancel;
  }

  List<CopiedPoint> copied() {
    return copied;
  }

  List<Manifest> present() {
    return present;
  }

  List<CopyFailure> failures() {
    return failures;
  }

  /** Whether a restore point is at the destination now. */
  boolean isThere(UUID point) {
    return there.containsKey(point);
  }

  UUID imageId() {
    return from.imageId();
  }

  /**
   * The lengths of the files that are probably to be copied.
   *
   * @param to where they go; null where nothing of this image is yet
   */
  long missingBytes(@Nullable ImageStore to) {
    if (to != null) {
      look(to);
    }
    Set<UUID> counted = new HashSet<>(there.keySet());
    long bytes = 0;
    for (UUID point : wanted) {
      Manifest at = stored.find(point).orElse(null);
      while (at != null && counted.add(at.id())) {
        bytes += at.file().lengthBytes();
        UUID parent = request.flatten() ? null : at.parent();
        at = parent == null ? null : stored.find(parent).orElse(null);
      }
    }
    return bytes;
  }

  /**
   * Copies.
   *
   * @param goOn whether what cannot be copied is noted, and the rest copied all the same
   * @throws KedgeException with BUSY where somebody else writes the image at the destination
   */
  void run(boolean goOn) {
    if (wanted.isEmpty()) {
      return;
    }
    ImageStore to = destination.image(identity());
    if (there.keySet().containsAll(wanted)) {
      wanted.forEach(point -> attempt(to, null, point, goOn));
      return;
    }
    try (Lease lease = to.acquireLease()) {
      to.cleanUp(lease);
      moves().forEach((image, from) -> move(to, lease, image, from));
      to.expectCopies(lease);
      look(to);
      for (UUID point : wanted) {
        attempt(to, lease, point, goOn);
      }
    }
  }

  /** The image's first name, by its restore points, or where none of them has it any more. */
  private ImageIdentity identity() {
    if (stored.find(wanted.getFirst()).isEmpty()) {
      throw new KedgeException(
          ErrorCode.NOT_FOUND,
          "There is no restore point %s in %s".formatted(wanted.getFirst(), source.location()));
    }
    return stored.layers().stream()
        .map(layer -> layer.image().identity())
        .filter(identity -> identity.imageId().equals(imageId()))
        .findFirst()
        .orElseGet(from::identity);
  }

  /** Its later names, with the one before each. */
  private Map<ImageIdentity, ImageIdentity> moves() {
    Map<ImageIdentity, ImageIdentity> moves = new LinkedHashMap<>();
    for (Manifest layer : stored.layers()) {
      ImageIdentity image = layer.image().identity();
      if (!image.imageId().equals(imageId()) && !moves.containsKey(image)) {
        MovedImage moved =
            source
                .moved(image)
                .filter(m -> m.series().imageId().equals(imageId()))
                .orElseThrow(() ->
                    new KedgeException(
                        ErrorCode.VERIFICATION_FAILED,
                        "restore point %s is damaged: it is of %s, and lies in the folder of image %s"
                            .formatted(layer.id(), image, imageId())));
        moves.put(image, moved.from());
      }
    }
    return moves;
  }

  /** Without that its restore points would be looked for elsewhere. */
  private void move(ImageStore to, Lease lease, ImageIdentity image, ImageIdentity previous) {
    boolean known =
        image.imageId().equals(to.imageId())
            || destination
                .moved(image)
                .filter(moved -> moved.series().imageId().equals(to.imageId()))
                .isPresent();
    if (known) {
      return;
    }
    ImageStore own = destination.ownFolder(image);
    try (Lease ownLease = own.acquireLease()) {
      if (!own.cleanUp(ownLease).abandonedSnapshots().isEmpty()) {
        throw new KedgeException(
            ErrorCode.REFUSED,
            "a killed backup of %s into %s may have left its snapshot: nothing of %s is copied there"
                .formatted(image, destination.location(), to.identity()));
      }
      own.giveWayTo(to, new MovedImage(image, previous, to.identity()), lease, ownLease);
    }
  }

  private void look(ImageStore to) {
    there.clear();
    damagedThere.clear();
    PointListing listing = to.points();
    listing.layers().forEach(layer -> there.put(layer.id(), layer));
    listing.damaged().forEach(d -> damagedThere.put(d.point(), damagedThere(d)));
  }

  private KedgeException damagedThere(DamagedPoint damaged) {
    return new KedgeException(
        ErrorCode.VERIFICATION_FAILED,
        "restore point %s is damaged in %s (%s): delete it there, and copy again"
            .formatted(damaged.point(), destination.location(), damaged.failure().getMessage()),
        damaged.failure());
  }

  private String name() {
    return stored.layers().getFirst().image().identity().toString();
  }

  /** Whether it is there; then as the same restore point. */
  private boolean isThere(Manifest point) {
    Manifest found = there.get(point.id());
    if (found != null && !found.isSamePoint(point)) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "restore point %s of %s in %s is not the one in %s: one of them was changed by hand"
              .formatted(point.id(), name(), destination.location(), source.location()));
    }
    return found != null;
  }

  private void attempt(ImageStore to, @Nullable Lease lease, UUID point, boolean goOn) {
    try {
      Manifest mine = stored.find(point).orElseGet(() -> from.point(point));
      if (isCopied(point)) {
        return;
      }
      if (isThere(mine)) {
        present.add(mine);
      } else if (lease != null) {
        copy(to, lease, point);
      }
    } catch (KedgeException e) {
      failed.put(point, e);
      if (!goOn || !isOfThePoint(e.code())) {
        throw e;
      }
      if (e.code() == ErrorCode.NOT_FOUND && isGone(point)) {
        progress.note("restore point " + point + " was deleted at the source meanwhile");
      } else {
        failures.add(new CopyFailure(point, name(), e));
      }
    }
  }

  private boolean isGone(UUID point) {
    try {
      return from.point(point).isRetired();
    } catch (KedgeException e) {
      return e.code() == ErrorCode.NOT_FOUND;
    }
  }

  private boolean isCopied(UUID point) {
    return copied.stream().anyMatch(c -> c.copy().id().equals(point));
  }

  // Anything else would meet the next restore point as well.
  private static boolean isOfThePoint(ErrorCode code) {
    return code == ErrorCode.VERIFICATION_FAILED
        || code == ErrorCode.NOT_FOUND
        || code == ErrorCode.REFUSED;
  }

  private void copy(ImageStore to, Lease lease, UUID point) {
    for (int attempt = 1; ; attempt++) {
      Manifest current = from.point(point);
      if (current.isRetired()) {
        throw new KedgeException(
            ErrorCode.NOT_FOUND, "restore point " + point + " was deleted meanwhile");
      }
      List<Manifest> missing = List.of();
      try {
        missing = missing(to, current);
        for (Manifest layer : missing) {
          requireNotFailed(layer, current);
          copyOne(to, lease, layer);
        }
        return;
      } catch (KedgeException e) {
        if (!isOfThePoint(e.code())) {
          throw e;
        }
        if (attempt == ATTEMPTS || !changed(current, missing)) {
          throw damaged(current, e);
        }
        missing.forEach(layer -> failed.remove(layer.id()));
      }
    }
  }

  // An object that its manifest names, and that is missing, is damage.
  private static KedgeException damaged(Manifest point, KedgeException e) {
    return e.code() == ErrorCode.NOT_FOUND
        ? new KedgeException(
            ErrorCode.VERIFICATION_FAILED,
            "restore point " + point.id() + " is damaged: " + e.getMessage(),
            e)
        : e;
  }

  /** What of a chain is not there yet, the full one first. */
  private List<Manifest> missing(ImageStore to, Manifest point) {
    UUID parent = point.parent();
    if (request.flatten() || parent == null) {
      return List.of(point);
    }
    boolean continues = stored.find(parent).filter(this::isThere).isPresent();
    List<Manifest> missing =
        continues
            ? List.of(point)
            : from.chain(point.id()).stream()
                .takeWhile(layer -> !isThere(layer))
                .toList()
                .reversed();
    UUID base = missing.getFirst().parent();
    if (base != null && proven.add(base)) {
      requireHealthy(to, base);
    }
    return missing;
  }

  private void requireHealthy(ImageStore to, UUID base) {
    ChainHealth.damage(to, base)
        .ifPresent(damage -> {
          throw new KedgeException(
              ErrorCode.VERIFICATION_FAILED,
              "restore point %s in %s is damaged, and nothing is built on it: %s; run 'kedge verify --all' there"
                  .formatted(base, destination.location(), damage));
        });
  }

  private void requireNotFailed(Manifest layer, Manifest point) {
    KedgeException cause = damagedThere.getOrDefault(layer.id(), failed.get(layer.id()));
    if (cause == null) {
      return;
    }
    if (layer.id().equals(point.id())) {
      throw cause;
    }
    throw new KedgeException(
        ErrorCode.VERIFICATION_FAILED,
        "restore point %s was not copied, since it builds on %s: %s"
            .formatted(point.id(), layer.id(), cause.getMessage()),
        cause);
  }

  private boolean changed(Manifest point, List<Manifest> layers) {
    if (!from.point(point.id()).equals(point)) {
      return true;
    }
    for (Manifest layer : layers) {
      try {
        if (!from.point(layer.id()).equals(layer)) {
          return true;
        }
      } catch (KedgeException e) {
        return e.code() == ErrorCode.NOT_FOUND;
      }
    }
    return false;
  }

  private void copyOne(ImageStore to, Lease lease, Manifest point) {
    cancel.check();
    long startNanos = System.nanoTime();
    FileProgress file = new FileProgress(progress, point.file().lengthBytes());
    lease.intendCopy(point.id());
    try {
      PointCopy.Written written =
          new PointCopy(from, to, lease, point, request, consistent, rate, file, cancel).write();
      cancel.check();
      Manifest copy =
          point.copied(
              owner(point),
              written.parent(),
              written.file(),
              written.sums(),
              written.counts(),
              lease.token());
      commit(to, lease, copy);
      file.finish();
      there.put(point.id(), copy);
      proven.add(point.id());
      copied.add(
          new CopiedPoint(
              point,
              to,
              copy,
              written.byBytes(),
              Duration.ofNanos(System.nanoTime() - startNanos)));
    } catch (Exception e) {
      KedgeException failure = DataFailure.of("restore point " + point.id(), e);
      undo(to, lease, point.id(), failure);
      if (failure.code() == ErrorCode.VERIFICATION_FAILED) {
        failed.put(point.id(), failure);
      }
      throw failure;
    }
  }

  private @Nullable UUID owner(Manifest point) {
    UUID first = point.snapshot().repository();
    UUID owner = first == null ? source.info().id() : first;
    return owner.equals(destination.info().id()) ? null : owner;
  }

  private static void commit(ImageStore to, Lease lease, Manifest copy) {
    try {
      to.commitCopy(copy, lease);
    } catch (KedgeException e) {
      // A write that reported a failure may have happened all the same: what counts is what is
      // there.
      if (to.points().find(copy.id()).isEmpty()) {
        throw e;
      }
    }
  }

  private void undo(ImageStore to, Lease lease, UUID point, KedgeException failure) {
    try {
      if (to.points().find(point).isEmpty()) {
        to.discard(point, lease);
        lease.forgetCopy(point);
      }
    } catch (RuntimeException e) {
      // The intent stays in the lease: whoever comes next removes what this run could not.
      failure.addSuppressed(e);
    }
  }
}
