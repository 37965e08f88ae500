package dev.kedge.engine.verify;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.CephCluster;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.DataFailure;
import dev.kedge.engine.Progress;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.restore.DataProof;
import dev.kedge.repository.DamagedPoint;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.InstanceDisk;
import dev.kedge.repository.InstanceListing;
import dev.kedge.repository.InstancePoint;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointListing;
import dev.kedge.repository.Proof;
import dev.kedge.repository.Repository;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Verifies restore points: what is stored for them, the chains they form, and, where asked, the
 * source. Remembers on the target what was proven, changes nothing else, and needs no lease. One
 * use, one thread.
 */
public final class Verify {
  /** Each is a merge that ended while a restore point was verified. */
  private static final int ATTEMPTS = 20;

  private final int workers;
  private final @Nullable Supplier<CephCluster> source;
  private final Progress progress;
  private final CancelToken cancel;
  private final ProofMemory memory;
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
    this.memory = new ProofMemory(progress);
  }

  /** Verifies one layer by itself, whatever it builds on. */
  public PointReport layer(ImageStore store, Manifest layer) {
    return verify(store, layer, VerifyScope.ALL, false, false);
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
      reports.add(verify(store, layer, VerifyScope.ALL, compare, true));
    }
    return reports;
  }

  /** Verifies every restore point of every image whole, the oldest first. */
  public List<PointReport> all(Repository repository) {
    List<PointReport> reports = new ArrayList<>();
    all(repository, VerifyScope.ALL, reports::add);
    return reports;
  }

  /**
   * Verifies the restore points of every image, the oldest first, then those of instances.
   *
   * @param reports hears of each as soon as it is verified
   */
  public void all(Repository repository, VerifyScope scope, Consumer<PointReport> reports) {
    if (scope.isEverything()) {
      Instant began = Objects.requireNonNullElseGet(scope.provenSince(), Instant::now);
      memory.orNote(() -> repository.verificationBegins(began));
    }
    Map<UUID, ImageStore> stores = new HashMap<>();
    for (ImageStore store : repository.images()) {
      stores.put(store.imageId(), store);
      image(store, scope, reports);
    }
    for (KedgeException damage : repository.damagedMoves()) {
      reports.accept(
          PointReport.ofDescription("images", null, List.of(String.valueOf(damage.getMessage()))));
    }
    InstanceListing instances = repository.instances().list();
    for (DamagedPoint damaged : instances.damaged()) {
      reports.accept(ofDamaged(damaged, "an instance"));
    }
    for (InstancePoint point : instances.points()) {
      if (scope.includes(point.createdAt())) {
        reports.accept(verify(point, stores));
      }
    }
    if (scope.isEverything()) {
      memory.orNote(repository::verificationEnds);
    }
  }

  private void image(ImageStore store, VerifyScope scope, Consumer<PointReport> reports) {
    String name = name(store, reports);
    PointListing listing = store.points();
    for (DamagedPoint damaged : listing.damaged()) {
      unsound.add(damaged.point());
      reports.accept(ofDamaged(damaged, name));
    }
    for (Manifest point : listing.layers()) {
      if (scope.includes(point)) {
        settled(store, point.id(), scope).ifPresent(reports);
      }
    }
  }

  private static PointReport ofDamaged(DamagedPoint damaged, @Nullable String name) {
    return PointReport.ofDescription(
        damaged.point().toString(), name, List.of(damaged.failure().getMessage()));
  }

  private PointReport verify(InstancePoint point, Map<UUID, ImageStore> stores) {
    List<String> problems = new ArrayList<>();
    for (InstanceDisk.Kept kept : point.kept().toList()) {
      ImageStore store = stores.get(kept.imageId());
      if (unsound.contains(kept.point())) {
        problems.add("its disk's restore point " + kept.point() + " is damaged");
      } else if (store == null || store.find(kept.point()).isEmpty()) {
        problems.add(
            "its disk's restore point " + kept.point() + " of " + kept.image() + " is missing");
      }
    }
    return PointReport.ofDescription(
        point.id().toString(), "instance " + point.instance().name(), problems);
  }

  /** Empty where the restore point is gone. */
  private Optional<PointReport> settled(ImageStore store, UUID point, VerifyScope scope) {
    return settled(
            store,
            point,
            () ->
                store.find(point).map(found -> verify(store, found, scope, true, false)).stream()
                    .toList())
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

  private static @Nullable String name(ImageStore store, Consumer<PointReport> reports) {
    try {
      return store.identity().toString();
    } catch (KedgeException e) {
      reports.accept(
          PointReport.ofDescription(
              "images/" + store.imageId(), null, List.of(String.valueOf(e.getMessage()))));
      return null;
    }
  }

  private PointReport verify(
      ImageStore store,
      Manifest point,
      VerifyScope scope,
      boolean compare,
      boolean snapshotRequired) {
    Proof before = store.proof(point);
    LayerVerifier layer = new LayerVerifier(store, point, workers, progress, cancel);
    boolean known = scope.isProven(before);
    List<String> problems = new ArrayList<>();
    Proof after = before;
    if (known) {
      problems.addAll(layer.verifyPresence());
    } else {
      after = read(store, point, scope, before, layer, problems);
    }
    chainProblem(store, point, problems);
    UUID parent = point.parent();
    if (parent != null
        && unsound.contains(parent)
        && !(problems.isEmpty() && showsNothingDamaged(store, point))) {
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
        coverage(known, layer.nextOffset() >= point.sizeBytes()),
        layer.verifiedBytes(),
        after.provenAt(),
        List.copyOf(problems),
        compared);
  }

  /** Reads as much of a layer as the scope says, and remembers what came of it. */
  private Proof read(
      ImageStore store,
      Manifest point,
      VerifyScope scope,
      Proof before,
      LayerVerifier layer,
      List<String> problems) {
    Instant now = Instant.now();
    Proof.Pass pass = scope.pass(before, now);
    LongFunction<Proof> at =
        offset ->
            offset < point.sizeBytes()
                ? before.at(new Proof.Pass(pass.begunAt(), offset))
                : before.proven(pass.begunAt());
    problems.addAll(
        layer.verify(
            pass.nextOffset(), scope.share(), offset -> memory.remember(store, at.apply(offset))));
    if (problems.isEmpty()) {
      return at.apply(layer.nextOffset());
    }
    Proof damaged = before.damaged(now);
    memory.remember(store, damaged);
    return damaged;
  }

  private static PointReport.Coverage coverage(boolean known, boolean whole) {
    if (known) {
      return PointReport.Coverage.PRESENCE;
    }
    return whole ? PointReport.Coverage.WHOLE : PointReport.Coverage.PART;
  }

  /** Whether a restore reads nothing of what is damaged below. */
  private boolean showsNothingDamaged(ImageStore store, Manifest point) {
    try (RestorePointReader reader = RestorePointReader.open(store, point.id())) {
      DataProof.of(reader, 0, reader.sizeBytes(), workers, progress, cancel);
      return true;
    } catch (Exception e) {
      KedgeException failure = DataFailure.of(point.file().name(), e);
      if (!LayerVerifier.isFinding(failure.code())) {
        throw failure;
      }
      return false;
    }
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
