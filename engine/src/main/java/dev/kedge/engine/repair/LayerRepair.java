package dev.kedge.engine.repair;

import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.DataFailure;
import dev.kedge.engine.Progress;
import dev.kedge.engine.repair.ClusterSource.Origin;
import dev.kedge.engine.verify.LayerTables;
import dev.kedge.engine.verify.SumsConsistency;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.ObjectInput;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes a damaged layer what its checksums say, as far as its file and Ceph still have it: by
 * writing single clusters where they belong, or the whole file anew. What is lost keeps its
 * checksum, so that nobody takes it for sound. Killed anywhere, nothing is worse than it was. One
 * use, one thread, under the lease.
 */
final class LayerRepair {
  private final ImageStore store;
  private final Manifest layer;
  private final SourceContent ceph;
  private final boolean isNewest;
  private final Progress progress;
  private final CancelToken cancel;

  /**
   * Prepares one.
   *
   * @param isNewest whether all of the layer is what Ceph has, so that lost checksums can be had
   *     anew
   */
  LayerRepair(
      ImageStore store,
      Manifest layer,
      SourceContent ceph,
      boolean isNewest,
      Progress progress,
      CancelToken cancel) {
    this.store = store;
    this.layer = layer;
    this.ceph = ceph;
    this.isNewest = isNewest;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * What a layer lacks.
   *
   * @param damagedBytes how much of its file is not what was backed up
   * @param lostBytes how much of that Ceph has not any more either
   * @param readable whether what leads to its clusters is sound
   * @param patchable whether every damaged cluster lies as it is at a place that is known
   */
  record Diagnosis(long damagedBytes, long lostBytes, boolean readable, boolean patchable) {
    /** Whether anything gets better: clusters, what leads to them, or what counts them. */
    boolean isWorthwhile() {
      return !readable || damagedBytes == 0 || lostBytes < damagedBytes;
    }
  }

  /** What it has to hold; empty where neither checksums nor tables can tell. */
  private Optional<LayerRuns> runs() {
    Optional<LayerRuns> sums = RunsOfSums.open(store, layer);
    return sums.isPresent() || !isNewest ? sums : RunsOfTables.open(store, layer, cancel);
  }

  /** Reads everything, and changes nothing; empty where it cannot be repaired at all. */
  Optional<Diagnosis> diagnose() {
    Optional<LayerRuns> runs = runs();
    if (runs.isEmpty()) {
      return Optional.empty();
    }
    long[] bytes = new long[2];
    // A table that rotted may name the place of another cluster.
    boolean[] patchable = {
      store.changesInPlace() && LayerTables.areAsWritten(store, layer, cancel)
    };
    try {
      visit(
          runs.get(),
          "examine",
          (cluster, origin, checksum, content, plainOffset) -> {
            if (origin != Origin.FILE) {
              bytes[0] += content.byteSize();
              bytes[1] += origin == Origin.LOST ? content.byteSize() : 0;
              patchable[0] &= plainOffset >= 0;
            }
          },
          (first, count) -> {});
    } catch (IOException e) {
      throw DataFailure.of(layer.file().name(), e);
    }
    return Optional.of(
        new Diagnosis(
            bytes[0],
            bytes[1],
            isReadable(),
            patchable[0] && bytes[0] > 0 && runs.get() instanceof RunsOfSums));
  }

  private boolean isReadable() {
    try (ObjectInput input = store.openData(layer)) {
      SumsConsistency.verify(store, layer);
      return input.lengthBytes() == layer.file().lengthBytes();
    } catch (KedgeException e) {
      DamagedFile.requireDamage(e);
      return false;
    } catch (IOException e) {
      throw DataFailure.of(layer.file().name(), e);
    }
  }

  /** Visits where the clusters are that neither the file nor Ceph has, in bytes of the image. */
  void forEachLost(LostVisitor visitor) {
    int clusterBytes = layer.file().clusterSizeBytes();
    try {
      visit(
          runs().orElseThrow(),
          "examine",
          (cluster, origin, checksum, content, plainOffset) -> {
            if (origin == Origin.LOST) {
              long offset = cluster * clusterBytes;
              visitor.lost(offset, Math.min(clusterBytes, layer.sizeBytes() - offset));
            }
          },
          (first, count) -> {});
    } catch (IOException e) {
      throw DataFailure.of(layer.file().name(), e);
    }
  }

  /** Hears of what is lost. */
  interface LostVisitor {
    /** One stretch, in ascending order. */
    void lost(long offset, long lengthBytes) throws IOException;
  }

  /** Writes what Ceph has into its place in the file, which nobody else then changes. */
  void patch(Lease lease) {
    try (var editor = store.edit(layer, lease)) {
      visit(
          runs().orElseThrow(),
          "repair",
          (cluster, origin, checksum, content, plainOffset) -> {
            if (origin == Origin.CEPH) {
              editor.write(plainOffset, content.asByteBuffer());
            }
          },
          (first, count) -> {});
      editor.flush();
    } catch (IOException e) {
      throw DataFailure.of(layer.file().name(), e);
    }
  }

  /** Writes the layer anew, in files that take the place of the damaged ones. */
  void rewrite(Lease lease) {
    rewrite(lease, new BitSet());
  }

  /**
   * The same with clusters that it does not have yet, and that hide what is lost below it: only of
   * the layer that Ceph's snapshot is of.
   */
  void rewrite(Lease lease, BitSet moreClusters) {
    try (LayerRewrite rewrite = new LayerRewrite(store, layer, lease)) {
      visit(
          new RunsWith(runs().orElseThrow(), moreClusters),
          "repair",
          (cluster, origin, checksum, content, plainOffset) ->
              rewrite.data(cluster, content, checksum),
          rewrite::zeroes);
      cancel.check();
      rewrite.commit();
    } catch (IOException e) {
      throw DataFailure.of(layer.file().name(), e);
    }
  }

  private interface Data {
    void cluster(
        long cluster, Origin origin, Checksum checksum, MemorySegment content, long plainOffset)
        throws IOException;
  }

  private interface Zeroes {
    void clusters(long first, long count) throws IOException;
  }

  private void visit(LayerRuns runs, String step, Data data, Zeroes zeroes) throws IOException {
    progress.begin(step, layer.file().lengthBytes());
    int clusterBytes = layer.file().clusterSizeBytes();
    try (DamagedFile file = DamagedFile.open(store, layer);
        Arena arena = Arena.ofConfined()) {
      MemorySegment content = arena.allocate(clusterBytes);
      ClusterSource source = new ClusterSource(file, ceph, layer);
      runs.forEach(
          new LayerRuns.Visitor() {
            @Override
            public void data(long first, @Nullable Checksum[] checksums) throws IOException {
              source.window(first, checksums.length);
              for (int i = 0; i < checksums.length; i++) {
                cancel.check();
                Origin origin = source.get(first + i, checksums[i], content);
                data.cluster(
                    first + i, origin, source.checksum(), content, file.plainOffset(first + i));
                progress.advance(clusterBytes);
              }
            }

            @Override
            public void zeroes(long first, long count) throws IOException {
              zeroes.clusters(first, count);
            }
          });
    }
  }
}
