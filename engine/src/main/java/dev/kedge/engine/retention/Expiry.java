package dev.kedge.engine.retention;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.DataFailure;
import dev.kedge.engine.Progress;
import dev.kedge.engine.chain.ChainHealth;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointListing;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Does away with restore points of one image that are not wanted any more. They are gone for users
 * at once; the space of those that others build on comes back by merging. Killed or stopped
 * anywhere, what is kept stays whole, and the next run goes on. One use, one thread.
 */
public final class Expiry {
  private final ImageStore store;
  private final boolean inPlace;
  private final Progress progress;
  private final CancelToken cancel;
  private final List<MergeResult> merges = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private long writtenBytes;
  private long freedBytes;

  /** For one image, in the way that suits its target. */
  public Expiry(ImageStore store, Progress progress, CancelToken cancel) {
    this(store, store.changesInPlace(), progress, cancel);
  }

  /** The same, in place or with new files only, as where objects cannot be changed. */
  public Expiry(ImageStore store, boolean inPlace, Progress progress, CancelToken cancel) {
    this.store = store;
    this.inPlace = inPlace;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Does it.
   *
   * @throws KedgeException with VERIFICATION_FAILED where what is to be kept is damaged, REFUSED
   *     where an instance's record names one of them; nothing has changed then
   */
  public ExpiryResult apply(Set<UUID> expired, Lease lease) {
    noteFinished(lease);
    ExpiryPlan plan = ExpiryPlan.of(store.points(), expired);
    requireHealthy(plan);
    expire(plan, lease);
    reclaim(lease);
    return result(plan, ids(store.points().retired()));
  }

  /**
   * Deletes one restore point, which may be damaged where nothing builds on it.
   *
   * @throws KedgeException as {@link #apply} does, NOT_FOUND where there is none
   */
  public ExpiryResult delete(UUID point, Lease lease) {
    noteFinished(lease);
    PointListing listing = store.points();
    if (listing.find(point).filter(found -> !found.isRetired()).isEmpty()) {
      store.delete(point, lease);
      return new ExpiryResult(List.of(point), List.of(), List.of(), List.of(), 0, 0, notes);
    }
    ExpiryPlan plan = ExpiryPlan.of(listing, Set.of(point));
    if (!plan.retired().isEmpty()) {
      requireHealthy(plan);
    }
    expire(plan, lease);
    try {
      reclaim(lease);
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.INTERRUPTED || e.code() == ErrorCode.BUSY) {
        throw e;
      }
      // It is gone; what is left of it is a matter of space.
      notes.add("space is not given back yet: " + e.getMessage());
    }
    return result(plan, ids(store.points().retired()));
  }

  private void noteFinished(Lease lease) {
    notes.addAll(store.cleanUp(lease).removed().stream().filter(Expiry::isMerge).toList());
  }

  private void expire(ExpiryPlan plan, Lease lease) {
    store.retire(plan.retired(), lease);
    store.delete(ids(plan.deleted()), lease);
    freedBytes += stored(plan.deleted());
  }

  private void reclaim(Lease lease) {
    try {
      for (MergeRun run : MergeRun.of(store.points())) {
        cancel.check();
        merge(run, lease);
      }
      for (Manifest layer : store.points().layers()) {
        if (layer.file().unpunchedBytes() > 0 && inPlace) {
          cancel.check();
          giveBack(layer, lease);
        }
      }
    } catch (IOException e) {
      throw DataFailure.of(store.identity().toString(), e);
    }
  }

  /** What {@link #apply} would do; changes nothing, and needs no lease. */
  public ExpiryResult forecast(Set<UUID> expired) {
    ExpiryPlan plan = ExpiryPlan.of(store.points(), expired);
    requireHealthy(plan);
    freedBytes += stored(plan.deleted());
    List<UUID> waiting = new ArrayList<>(ids(plan.after().retired()));
    try {
      for (MergeRun run : MergeRun.of(plan.after())) {
        MergeRun.Size size = run.measure(store);
        if (inPlace || isWorthwhile(run, size)) {
          long written = inPlace ? size.upperBytes() : size.liveBytes();
          long freed = run.storedBytes() - size.liveBytes();
          List<UUID> gone = ids(run.retired());
          note(new MergeResult(run.child().id(), gone, inPlace, written, freed, List.of()));
          waiting.removeAll(gone);
        }
      }
    } catch (IOException e) {
      throw DataFailure.of(store.identity().toString(), e);
    }
    return result(plan, waiting);
  }

  private static boolean isMerge(String removed) {
    return removed.contains(" a merge ");
  }

  /** What is kept must be whole before anything goes that it could be told by. */
  private void requireHealthy(ExpiryPlan plan) {
    if (!plan.after().damaged().isEmpty()) {
      throw damaged(
          plan.after().damaged().stream()
              .map(damaged -> damaged.failure().getMessage())
              .collect(Collectors.joining("; ")));
    }
    for (Manifest top : plan.tops()) {
      cancel.check();
      Optional<String> damage = ChainHealth.damage(store, top.id());
      if (damage.isPresent()) {
        throw damaged("restore point " + top.id() + " is damaged: " + damage.get());
      }
    }
  }

  private KedgeException damaged(String what) {
    return new KedgeException(
        ErrorCode.VERIFICATION_FAILED,
        what
            + "; nothing is pruned while that is so: run 'kedge verify --all', and delete what"
            + " cannot be repaired with 'kedge delete'");
  }

  private void merge(MergeRun run, Lease lease) throws IOException {
    if (inPlace) {
      try {
        note(new LayerMerge(store, lease, run, progress, cancel).inPlace());
        return;
      } catch (KedgeException e) {
        if (e.code() != ErrorCode.REFUSED) {
          throw e;
        }
        notes.add(e.getMessage());
      }
    }
    if (isWorthwhile(run, run.measure(store))) {
      note(new LayerMerge(store, lease, run, progress, cancel).newFile());
    }
  }

  /** More than half of it is dead: writing the rest anew keeps what is stored below twice that. */
  private static boolean isWorthwhile(MergeRun run, MergeRun.Size size) {
    return 2 * size.liveBytes() < run.storedBytes();
  }

  private void giveBack(Manifest layer, Lease lease) throws IOException {
    long dead = layer.file().unpunchedBytes();
    switch (new DeadSpace(store, lease).giveBack(layer)) {
      case GIVEN_BACK -> freedBytes += dead;
      case BEING_READ -> notes.add(layer.file().name() + LayerMerge.BEING_READ);
      case NOT_POSSIBLE -> {
        notes.add(
            "the file system of the target cannot give back the dead space in files (no hole"
                + " punching): files are written anew when more than half of one is dead");
        if (2 * dead > layer.file().storedBytes()) {
          note(
              new LayerMerge(store, lease, new MergeRun(layer, List.of()), progress, cancel)
                  .newFile());
        }
      }
    }
  }

  private void note(MergeResult merge) {
    merges.add(merge);
    writtenBytes += merge.writtenBytes();
    freedBytes += merge.freedBytes();
    notes.addAll(merge.notes());
  }

  private ExpiryResult result(ExpiryPlan plan, List<UUID> waiting) {
    return new ExpiryResult(
        ids(plan.deleted()),
        ids(plan.retired()),
        merges,
        waiting,
        writtenBytes,
        freedBytes,
        notes.stream().distinct().toList());
  }

  private static List<UUID> ids(List<Manifest> layers) {
    return layers.stream().map(Manifest::id).toList();
  }

  private static long stored(List<Manifest> layers) {
    return layers.stream()
        .mapToLong(layer -> layer.file().storedBytes() + layer.sums().lengthBytes())
        .sum();
  }
}
