package dev.kedge.engine.retention;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.retention.RetentionPolicy.Verdict;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.InstanceListing;
import dev.kedge.repository.InstancePoint;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Repository;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Applies a policy to a repository: to the records of instances first, then to the restore points
 * of images, of which those stay that the records left name. One thread.
 */
public final class Prune {
  private final Repository repository;
  private final RetentionPolicy policy;
  private final boolean dryRun;
  private final Progress progress;
  private final CancelToken cancel;
  private final Set<UUID> expiredRecords = new HashSet<>();

  /** Prepares it; a dry run changes nothing and takes no lease. */
  public Prune(
      Repository repository,
      RetentionPolicy policy,
      boolean dryRun,
      Progress progress,
      CancelToken cancel) {
    this.repository = repository;
    this.policy = policy;
    this.dryRun = dryRun;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Applies the policy to the records of each instance.
   *
   * @throws KedgeException with VERIFICATION_FAILED where a record cannot be read
   */
  public List<Verdict<InstancePoint>> instances() {
    InstanceListing listing = repository.instances().list();
    if (!listing.damaged().isEmpty()) {
      throw listing.damaged().getFirst().failure();
    }
    Map<UUID, List<InstancePoint>> byInstance = new LinkedHashMap<>();
    listing
        .points()
        .forEach(point ->
            byInstance.computeIfAbsent(point.instance().id(), id -> new ArrayList<>()).add(point));
    List<Verdict<InstancePoint>> verdicts = new ArrayList<>();
    for (List<InstancePoint> points : byInstance.values()) {
      verdicts.addAll(policy.judge(points, InstancePoint::createdAt));
    }
    for (Verdict<InstancePoint> verdict : verdicts) {
      if (!verdict.isKept()) {
        cancel.check();
        expiredRecords.add(verdict.point().id());
        if (!dryRun) {
          repository.instances().delete(verdict.point().id().toString());
        }
      }
    }
    return verdicts;
  }

  /**
   * Applies the policy to the restore points of one image.
   *
   * @throws KedgeException with BUSY where somebody else works on it, VERIFICATION_FAILED where
   *     something of it is damaged
   */
  public ImagePrune image(ImageStore store) {
    ImagePrune forecast = judge(store, null);
    boolean nothing =
        forecast.verdicts().stream().allMatch(Verdict::isKept) && !store.hasLeftovers();
    if (dryRun || nothing) {
      return forecast;
    }
    try (Lease lease = store.acquireLease()) {
      return judge(store, lease);
    }
  }

  private ImagePrune judge(ImageStore store, @Nullable Lease lease) {
    List<Verdict<Manifest>> verdicts = new ArrayList<>();
    InstanceListing instances = repository.instances().list();
    if (!instances.damaged().isEmpty()) {
      throw instances.damaged().getFirst().failure();
    }
    for (Verdict<Manifest> verdict : policy.judge(store.points().points(), Manifest::createdAt)) {
      List<String> reasons = new ArrayList<>(verdict.reasons());
      needing(instances, store, verdict.point())
          .forEach(
              record -> reasons.add("disk of " + record.instance().name() + " " + record.id()));
      verdicts.add(new Verdict<>(verdict.point(), reasons));
    }
    Set<UUID> expired =
        verdicts.stream()
            .filter(verdict -> !verdict.isKept())
            .map(verdict -> verdict.point().id())
            .collect(Collectors.toSet());
    if (!verdicts.isEmpty() && expired.size() == verdicts.size()) {
      throw new KedgeException(
          ErrorCode.REFUSED, "the policy keeps no restore point of " + store.identity());
    }
    Expiry expiry = new Expiry(store, progress, cancel);
    return new ImagePrune(
        verdicts, lease == null ? expiry.forecast(expired) : expiry.apply(expired, lease));
  }

  private Collection<InstancePoint> needing(
      InstanceListing instances, ImageStore store, Manifest point) {
    return instances.needing(store.imageId(), point.id()).stream()
        .filter(record -> !expiredRecords.contains(record.id()))
        .toList();
  }
}
