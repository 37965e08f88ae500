package dev.kedge.engine.verify;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.CephCluster;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.repository.DamagedPoint;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointListing;
import dev.kedge.repository.Repository;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Verifies restore points: every byte that is stored for them, the chains they form, and, where
 * asked, the source. Changes nothing, and needs no lease. One use, one thread.
 */
public final class Verify {
  /** Each is a merge that ended while a restore point was verified. */
  private static final int ATTEMPTS = 20;

  private final int workers;
  private final @Nullable Supplier<CephCluster> source;
  private final Progress progress;
  private final CancelToken cancel;
  private final Set<UUID> unsound = new HashSet<>();

  /**
   * A verification.
   *
   * @param source the cluster to compare with; null to look at the target only
   */
  public Verify(
      int workers, @Nullable Supplier<CephCluster> source, Progress progress, CancelToken cancel) {
    this.workers = workers;
    this.source = source;
    this.progress = progress;
    this.cancel = cancel;
  }

  /** Verifies one restore point and those that it builds on, itself last. */
  public List<PointReport> point(ImageStore store, UUID point) {
    return settled(store, point, () -> layers(store, point));
  }

  private List<PointReport> layers(ImageStore store, UUID point) {
    List<PointReport> reports = new ArrayList<>();
    // The full one first: what builds on a damaged one is damaged with it.
    for (Manifest layer : store.chain(point).reversed()) {
      boolean compare = layer.id().equals(point);
      reports.add(verify(store, layer, compare, true));
    }
    return reports;
  }

  /** Verifies every restore point of every image, the oldest first. */
  public List<PointReport> all(Repository repository) {
    List<PointReport> reports = new ArrayList<>();
    for (ImageStore store : repository.images()) {
      String name = name(store, reports);
      PointListing listing = store.points();
      for (DamagedPoint damaged : listing.damaged()) {
        reports.add(
            new PointReport(
                damaged.point().toString(),
                name,
                0,
                List.of(damaged.failure().getMessage()),
                null));
      }
      for (Manifest point : listing.layers()) {
        settled(store, point.id()).ifPresent(reports::add);
      }
    }
    return reports;
  }

  /** Empty where the restore point is gone. */
  private Optional<PointReport> settled(ImageStore store, UUID point) {
    return settled(
            store,
            point,
            () ->
                store.find(point).map(found -> verify(store, found, true, false)).stream().toList())
        .stream()
        .findFirst();
  }

  /** Looks again where something is wrong and somebody pruned meanwhile. */
  private List<PointReport> settled(
      ImageStore store, UUID point, Supplier<List<PointReport>> verification) {
    for (int i = 0; i < ATTEMPTS; i++) {
      Object before = chainOrFailure(store, point);
      List<PointReport> reports = verification.get();
      boolean sound = reports.stream().allMatch(PointReport::isSound);
      if (sound || before.equals(chainOrFailure(store, point))) {
        return reports;
      }
      reports.forEach(report -> unsound.remove(UUID.fromString(report.point())));
    }
    throw new KedgeException(
        ErrorCode.BUSY, "what restore point " + point + " builds on keeps changing: try again");
  }

  private static Object chainOrFailure(ImageStore store, UUID point) {
    try {
      return store.chain(point);
    } catch (KedgeException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static @Nullable String name(ImageStore store, List<PointReport> reports) {
    try {
      return store.identity().toString();
    } catch (KedgeException e) {
      reports.add(
          new PointReport("images/" + store.imageId(), null, 0, List.of(e.getMessage()), null));
      return null;
    }
  }

  private PointReport verify(
      ImageStore store, Manifest point, boolean compare, boolean snapshotRequired) {
    LayerVerifier layer = new LayerVerifier(store, point, workers, progress, cancel);
    List<String> problems = new ArrayList<>(layer.verify());
    chainProblem(store, point, problems);
    UUID parent = point.parent();
    if (parent != null && unsound.contains(parent)) {
      problems.add("it builds on restore point " + parent + ", which is damaged");
    }
    if (!problems.isEmpty()) {
      unsound.add(point.id());
    }
    String compared = null;
    if (source != null && compare && problems.isEmpty()) {
      compared = compare(store, point, source.get(), snapshotRequired, problems);
    }
    return new PointReport(
        point.id().toString(),
        point.image().identity().toString(),
        layer.verifiedBytes(),
        List.copyOf(problems),
        compared);
  }

  private static void chainProblem(ImageStore store, Manifest point, List<String> problems) {
    try {
      store.chain(point.id());
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.VERIFICATION_FAILED && e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      problems.add(e.getMessage());
    }
  }

  private @Nullable String compare(
      ImageStore store,
      Manifest point,
      CephCluster cluster,
      boolean snapshotRequired,
      List<String> problems) {
    try {
      SourceComparison.compare(cluster, store, point, workers, progress, cancel);
      return "identical";
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.VERIFICATION_FAILED) {
        problems.add(e.getMessage());
        return "different";
      }
      // Only the newest restore point of an image has its snapshot still.
      if (e.code() == ErrorCode.NOT_FOUND && !snapshotRequired) {
        return "snapshot gone";
      }
      throw e;
    }
  }
}
