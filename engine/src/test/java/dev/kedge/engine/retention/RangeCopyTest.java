package dev.kedge.engine.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.testing.CrashingTarget;
import dev.kedge.engine.testing.Place;
import dev.kedge.engine.testing.StoredChain;
import dev.kedge.engine.testing.StoredLayer;
import dev.kedge.engine.verify.PointReport;
import dev.kedge.engine.verify.Verify;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.repository.DirectoryTarget;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Repository;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A consolidation lets the target copy what it can, and never gives it a new checksum. */
class RangeCopyTest {
  private static final ClusterSize SIZE = new ClusterSize(16);
  private static final int CLUSTERS = 128;
  private static final int CHANGED = 70;

  @TempDir Path folder;
  private Place place;
  private ImageStore store;

  /** A full one, and two increments that change the same half. */
  @BeforeEach
  void build() throws IOException {
    place = Place.create(folder, false);
    store = new StoredChain(Repository.open(place.target())).store();
    for (int layer = 1; layer <= 3; layer++) {
      byte mark = (byte) layer;
      BitSet changed = new BitSet();
      changed.set(0, layer == 1 ? CLUSTERS : CHANGED);
      new StoredLayer((long) CLUSTERS * SIZE.bytes(), SIZE, Compression.NONE, Instant.EPOCH)
          .commit(
              store,
              changed,
              (cluster, bytes) -> {
                bytes.fill(mark);
                return true;
              });
    }
  }

  private List<String> consolidate() {
    CrashingTarget target = new CrashingTarget(Integer.MAX_VALUE, false);
    ImageStore seen =
        StoredChain.storeIn(Repository.open(target.over(new DirectoryTarget(folder))));
    List<UUID> points = seen.points().points().stream().map(Manifest::id).toList();
    try (Lease lease = seen.acquireLease()) {
      ExpiryResult result =
          new Expiry(seen, false, Progress.NONE, new CancelToken())
              .apply(new HashSet<>(points.subList(0, 2)), lease);
      assertThat(result.merges()).hasSize(1);
    }
    return target.changes();
  }

  private List<PointReport> verify() {
    return new Verify(1, null, Progress.NONE, new CancelToken())
        .all(Repository.open(place.target()));
  }

  @Test
  void longRunsAreCopiedByTheTarget() throws IOException {
    List<String> changes = consolidate();
    // One range of each of the two layers that are seen.
    assertThat(Collections.frequency(changes, "copyRange")).isEqualTo(2);
    Manifest left = store.latest().orElseThrow();
    assertThat(verify()).allMatch(PointReport::isSound).hasSize(1);
    assertThat(Kept.qemuImg("check", folder.resolve(store.dataName(left)).toString()))
        .contains("No errors were found");
    ByteBuffer found = ByteBuffer.allocate(CLUSTERS * SIZE.bytes());
    try (RestorePointReader reader = RestorePointReader.open(store, left.id())) {
      reader.read(0, found);
    }
    byte[] expected = new byte[found.capacity()];
    Arrays.fill(expected, 0, CHANGED * SIZE.bytes(), (byte) 3);
    Arrays.fill(expected, CHANGED * SIZE.bytes(), expected.length, (byte) 1);
    assertThat(Arrays.mismatch(found.array(), expected)).isEqualTo(-1);
  }

  @Test
  void whatRottedBeforeIsStillFoundAfterwards() throws IOException {
    Manifest full = store.points().points().getFirst();
    try (RandomAccessFile file =
        new RandomAccessFile(folder.resolve(store.dataName(full)).toFile(), "rw")) {
      // A cluster that no increment hides.
      file.seek((long) (CHANGED + 30) * SIZE.bytes() + 77);
      file.write(99);
    }
    assertThat(Set.copyOf(consolidate())).contains("copyRange");
    assertThat(verify()).hasSize(1).noneMatch(PointReport::isSound);
  }
}
