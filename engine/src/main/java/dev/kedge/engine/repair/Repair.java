package dev.kedge.engine.repair;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.repair.LayerRepair.Diagnosis;
import dev.kedge.engine.repair.LayerReport.Outcome;
import dev.kedge.engine.verify.PointReport;
import dev.kedge.engine.verify.Verify;
import dev.kedge.repository.DamagedPoint;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointListing;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds what is damaged of an image's restore points, and reads it again from the snapshot that
 * Ceph keeps of the newest one: whatever that shows was the same in the layer that it comes from,
 * which the layer's checksums prove. For one thread.
 */
public final class Repair {
  private final Function<Manifest, Optional<SourceContent>> source;
  private final int workers;
  private final boolean dryRun;
  private final Progress progress;
  private final CancelToken cancel;
  private final List<LayerReport> reports = new ArrayList<>();

  /**
   * A repair.
   *
   * @param source opens the snapshot of a restore point; empty where Ceph does not have it
   * @param dryRun whether only to say what can be repaired
   */
  public Repair(
      Function<Manifest, Optional<SourceContent>> source,
      int workers,
      boolean dryRun,
      Progress progress,
      CancelToken cancel) {
    this.source = source;
    this.workers = workers;
    this.dryRun = dryRun;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Repairs one image's restore points.
   *
   * @param only the restore point that is wanted, with what it builds on; null for all
   * @return the damaged ones, the oldest first
   * @throws KedgeException with BUSY where the image is being backed up, pruned or repaired
   */
  public List<LayerReport> image(ImageStore store, @Nullable UUID only) {
    reports.clear();
    if (dryRun) {
      repair(store, only, null);
    } else {
      try (Lease lease = store.acquireLease()) {
        store.cleanUp(lease).removed().forEach(removed -> progress.note("cleaned up: " + removed));
        repair(store, only, lease);
      }
    }
    return List.copyOf(reports);
  }

  private void repair(ImageStore store, @Nullable UUID only, @Nullable Lease lease) {
    PointListing listing = store.points();
    for (DamagedPoint damaged : listing.damaged()) {
      if (only == null || only.equals(damaged.point())) {
        lost(damaged.point(), name(store), List.of(String.valueOf(damaged.failure().getMessage())));
      }
    }
    Set<UUID> wanted = only == null ? null : ids(store.chain(only));
    List<Manifest> damaged = new ArrayList<>();
    for (Manifest layer : listing.layers()) {
      if ((wanted == null || wanted.contains(layer.id())) && !verify(store, layer).isSound()) {
        damaged.add(layer);
      }
    }
    if (!damaged.isEmpty()) {
      repair(store, listing, damaged, lease);
    }
  }

  private void repair(
      ImageStore store, PointListing listing, List<Manifest> damaged, @Nullable Lease lease) {
    for (Manifest top : listing.points().reversed()) {
      try (SourceContent ceph = source.apply(top).orElse(null)) {
        if (ceph != null) {
          Set<UUID> shown = ids(chain(store, top));
          List<Manifest> below = new ArrayList<>();
          for (Manifest layer : damaged) {
            if (!shown.contains(layer.id())) {
              lost(layer, store, "Ceph has no snapshot of it, or of one that builds on it");
            } else {
              boolean isNewest = layer.id().equals(top.id());
              boolean lost = repair(store, layer, ceph, isNewest, lease);
              if (lost && !isNewest) {
                below.add(layer);
              }
            }
          }
          if (!below.isEmpty() && lease != null) {
            hide(store, top, below, ceph, lease);
          }
          return;
        }
      }
    }
    for (Manifest layer : damaged) {
      lost(layer, store, "Ceph has no snapshot of this image's restore points");
    }
  }

  /** What a snapshot shows; only itself where what it builds on is not known. */
  private static List<Manifest> chain(ImageStore store, Manifest top) {
    try {
      return store.chain(top.id());
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.VERIFICATION_FAILED || e.code() == ErrorCode.NOT_FOUND) {
        return List.of(top);
      }
      throw e;
    }
  }

  /**
   * Gives the newest restore point its own copy of what it shows of lost clusters: of a larger one
   * that was overwritten in part, say.
   */
  private void hide(
      ImageStore store, Manifest top, List<Manifest> below, SourceContent ceph, Lease lease) {
    Manifest newest = store.point(top.id());
    BitSet clusters = new BitSet();
    for (Manifest layer : below) {
      Manifest now = store.point(layer.id());
      new LayerRepair(store, now, ceph, false, progress, cancel)
          .forEachLost(new ShownThrough(store, newest, now.id(), clusters));
    }
    if (clusters.isEmpty() || !verify(store, newest).isSound()) {
      return;
    }
    new LayerRepair(store, newest, ceph, true, progress, cancel).rewrite(lease, clusters);
    reports.removeIf(report -> report.point().equals(newest.id().toString()));
    long reread = (long) clusters.cardinality() * newest.file().clusterSizeBytes();
    report(newest, Outcome.REPAIRED, reread, 0, verify(store, store.point(top.id())).problems());
  }

  /** Returns whether some of it is lost. */
  private boolean repair(
      ImageStore store,
      Manifest layer,
      SourceContent ceph,
      boolean isNewest,
      @Nullable Lease lease) {
    LayerRepair repair = new LayerRepair(store, layer, ceph, isNewest, progress, cancel);
    Optional<Diagnosis> found = repair.diagnose();
    if (found.isEmpty()) {
      lost(layer, store, "nothing says any more what it has to hold");
      return false;
    }
    Diagnosis diagnosis = found.get();
    List<String> problems = verify(store, layer).problems();
    long reread = diagnosis.damagedBytes() - diagnosis.lostBytes();
    if (!diagnosis.isWorthwhile()) {
      report(layer, Outcome.LOST, 0, diagnosis.lostBytes(), problems);
      return true;
    }
    if (lease == null) {
      Outcome outcome = diagnosis.lostBytes() == 0 ? Outcome.REPAIRABLE : Outcome.PARTLY;
      report(layer, outcome, reread, diagnosis.lostBytes(), problems);
      return diagnosis.lostBytes() > 0;
    }
    write(store, repair, diagnosis, layer, lease);
    List<String> left = verify(store, store.point(layer.id())).problems();
    Outcome outcome = left.isEmpty() ? Outcome.REPAIRED : Outcome.PARTLY;
    report(layer, outcome, reread, diagnosis.lostBytes(), left);
    return diagnosis.lostBytes() > 0;
  }

  private void write(
      ImageStore store, LayerRepair repair, Diagnosis diagnosis, Manifest layer, Lease lease) {
    if (diagnosis.patchable()) {
      repair.patch(lease);
      if (diagnosis.lostBytes() > 0 || verify(store, layer).isSound()) {
        return;
      }
    }
    repair.rewrite(lease);
  }

  /** The layer by itself. */
  private PointReport verify(ImageStore store, Manifest layer) {
    return new Verify(workers, null, progress, cancel).layer(store, layer);
  }

  private void lost(Manifest layer, ImageStore store, String why) {
    List<String> problems = new ArrayList<>(verify(store, layer).problems());
    problems.add("not repaired: " + why);
    report(layer, Outcome.LOST, 0, 0, problems);
  }

  private void lost(UUID point, String image, List<String> problems) {
    reports.add(new LayerReport(point.toString(), image, Outcome.LOST, 0, 0, problems));
  }

  private void report(
      Manifest layer, Outcome outcome, long rereadBytes, long lostBytes, List<String> problems) {
    reports.add(
        new LayerReport(
            layer.id().toString(),
            layer.image().identity().toString(),
            outcome,
            rereadBytes,
            lostBytes,
            problems));
  }

  private static Set<UUID> ids(List<Manifest> layers) {
    Set<UUID> ids = new HashSet<>();
    layers.forEach(layer -> ids.add(layer.id()));
    return ids;
  }

  private static String name(ImageStore store) {
    try {
      return store.identity().toString();
    } catch (KedgeException e) {
      return "image " + store.imageId();
    }
  }
}
