package dev.kedge.engine.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.repair.LayerReport.Outcome;
import dev.kedge.engine.testing.Reading;
import dev.kedge.engine.testing.StoredChain;
import dev.kedge.engine.verify.PointReport;
import dev.kedge.engine.verify.Verify;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.repository.DirectoryTarget;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Repository;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damage that what the newest restore point was read from can mend, and damage that it cannot. */
class RepairTest {
  private static final int MIB = 1 << 20;

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path folder;

  /** The content of the newest restore point, as its snapshot in Ceph would give it. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Bytes(byte[] content) implements SourceContent {
    @Override
    public void read(long offset, MemorySegment into) {
      int length = (int) Math.max(0, Math.min(into.byteSize(), content.length - offset));
      into.fill((byte) 0);
      into.copyFrom(
          MemorySegment.ofArray(content).asSlice(Math.min(offset, content.length), length));
    }

    @Override
    public void close() {}
  }

  private List<LayerReport> repair(StoredChain chain, boolean dryRun) {
    UUID newest = chain.newest().id();
    Repair repair =
        new Repair(
            point ->
                point.id().equals(newest)
                    ? Optional.of(new Bytes(chain.content()))
                    : Optional.empty(),
            2,
            dryRun,
            Progress.NONE,
            new CancelToken());
    return repair.image(chain.store(), null);
  }

  private List<PointReport> verify() {
    return new Verify(2, null, Progress.NONE, new CancelToken())
        .all(Repository.open(new DirectoryTarget(folder)));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void whateverIsDamagedNoPointIsWorseAfterwardsAndTheNewestIsWhole(long seed) throws IOException {
    Random random = new Random(seed);
    StoredChain chain = new StoredChain(folder);
    Compression[] compressions = Compression.values();
    int layers = 2 + random.nextInt(4);
    for (int i = 0; i < layers; i++) {
      int unit = random.nextBoolean() ? 1 : 4096;
      chain.add(
          MIB + random.nextInt(3 * MIB) / unit * unit,
          new ClusterSize(12 + random.nextInt(6)),
          compressions[random.nextInt(3)],
          1 + random.nextInt(30),
          random);
    }
    List<Manifest> points = chain.store().points().points();
    for (int i = 0; i <= random.nextInt(3); i++) {
      damage(chain, points.get(random.nextInt(points.size())), random);
    }
    boolean sound = verify().stream().allMatch(PointReport::isSound);
    List<LayerReport> forecast = repair(chain, true);
    List<LayerReport> reports = repair(chain, false);
    String what = "seed " + seed + ": " + reports;
    assertThat(reports.isEmpty()).as(what).isEqualTo(sound);
    List<String> lost = reports.stream().filter(r -> !r.isWhole()).map(LayerReport::point).toList();
    assertThat(forecast.stream().filter(r -> !r.isWhole()).map(LayerReport::point))
        .as(what)
        .containsExactlyElementsOf(lost);
    for (PointReport report : verify()) {
      boolean own = lost.contains(report.point());
      boolean derived =
          report.problems().stream().allMatch(problem -> problem.startsWith("it builds on"));
      assertThat(own || derived).as("%s: %s", what, report).isTrue();
      boolean newest = report.point().equals(chain.newest().id().toString());
      assertThat(newest && isRepairable(chain, chain.newest()) && !report.isSound())
          .as("%s: %s", what, report)
          .isFalse();
    }
    if (lost.isEmpty()) {
      assertThat(verify()).as(what).allMatch(PointReport::isSound);
    }
    for (Manifest point : chain.store().points().points()) {
      assertReadsRightOrNot(chain, point, lost.isEmpty() || point.equals(chain.newest()), what);
    }
  }

  /** A restore reads what was backed up, or says that it is damaged. */
  private void assertReadsRightOrNot(
      StoredChain chain, Manifest point, boolean mustBeRight, String what) throws IOException {
    byte[] read;
    try {
      read = Reading.whole(chain.store(), point.id());
    } catch (KedgeException e) {
      assertThat(mustBeRight && isRepairable(chain, point)).as("%s: %s", what, e).isFalse();
      return;
    }
    assertThat(Arrays.mismatch(read, chain.contentOf(point.id()))).as(what).isEqualTo(-1);
  }

  // The newest is whole again wherever every layer still says what it has to hold.
  private static boolean isRepairable(StoredChain chain, Manifest point) {
    return chain.store().chain(point.id()).stream()
        .allMatch(layer -> RunsOfSums.open(chain.store(), layer).isPresent());
  }

  private void damage(StoredChain chain, Manifest point, Random random) throws IOException {
    Path data = folder.resolve(chain.store().dataName(point));
    Path sums = data.resolveSibling(point.sums().name());
    Path file = random.nextInt(5) == 0 ? sums : data;
    if (!Files.exists(file)) {
      return;
    }
    byte[] bytes = Files.readAllBytes(file);
    switch (random.nextInt(6)) {
      case 0 -> Files.delete(file);
      case 1 -> Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
      default -> {
        for (int i = 0; i < 1 + random.nextInt(4) && bytes.length > 0; i++) {
          int from = random.nextInt(bytes.length);
          int to = Math.min(bytes.length, from + 1 + random.nextInt(100_000));
          for (int at = from; at < to; at += 1 + random.nextInt(50)) {
            bytes[at] ^= (byte) (1 + random.nextInt(255));
          }
        }
        Files.write(file, bytes);
      }
    }
  }

  @Test
  void rotInPlainClustersIsMendedWhereItIs() throws IOException {
    StoredChain chain = new StoredChain(folder);
    Random random = new Random(3);
    chain.add(4 * MIB, ClusterSize.of(64 << 10), Compression.NONE, 30, random);
    Manifest point = chain.newest();
    Path data = folder.resolve(chain.store().dataName(point));
    byte[] before = Files.readAllBytes(data);
    Object inode = Files.getAttribute(data, "unix:ino");
    byte[] rotten = before.clone();
    // Behind the header and the first tables, in a plain cluster.
    rotten[rotten.length / 2] ^= 4;
    Files.write(data, rotten);
    assertThat(repair(chain, true))
        .extracting(LayerReport::outcome)
        .containsExactly(Outcome.REPAIRABLE);
    assertThat(Files.readAllBytes(data)).isEqualTo(rotten);
    assertThat(repair(chain, false))
        .extracting(LayerReport::outcome)
        .containsExactly(Outcome.REPAIRED);
    assertThat(Files.readAllBytes(data)).isEqualTo(before);
    assertThat(Files.getAttribute(data, "unix:ino")).isEqualTo(inode);
    assertThat(repair(chain, false)).isEmpty();
  }

  @Test
  void whatWasOverwrittenSinceIsLostAndStaysMarked() throws IOException {
    StoredChain chain = new StoredChain(folder);
    Random random = new Random(5);
    ClusterSize clusters = ClusterSize.of(64 << 10);
    chain.add(4 * MIB, clusters, Compression.NONE, 200, random);
    Manifest full = chain.newest();
    // Nearly everything is another in the newest.
    chain.add(4 * MIB, clusters, Compression.NONE, 400, random);
    Files.delete(folder.resolve(chain.store().dataName(full)));
    List<LayerReport> reports = repair(chain, false);
    assertThat(reports).hasSize(1);
    LayerReport report = reports.getFirst();
    assertThat(report.point()).isEqualTo(full.id().toString());
    assertThat(report.outcome()).isIn(Outcome.PARTLY, Outcome.LOST);
    assertThat(report.lostBytes()).isPositive();
    assertThat(report.problems()).isNotEmpty();
    List<PointReport> verified = verify();
    assertThat(verified.getFirst().isSound()).isFalse();
  }

  @Test
  void withoutASnapshotNothingIsTouched() throws IOException {
    StoredChain chain = new StoredChain(folder);
    chain.add(MIB, ClusterSize.of(64 << 10), Compression.ZSTD, 9, new Random(5));
    Path data = folder.resolve(chain.store().dataName(chain.newest()));
    byte[] rotten = Files.readAllBytes(data);
    rotten[70_000] ^= 1;
    Files.write(data, rotten);
    List<LayerReport> reports =
        new Repair(_ -> Optional.empty(), 2, false, Progress.NONE, new CancelToken())
            .image(chain.store(), null);
    assertThat(reports).extracting(LayerReport::outcome).containsExactly(Outcome.LOST);
    assertThat(reports.getFirst().problems().toString()).contains("Ceph has no snapshot");
    assertThat(Files.readAllBytes(data)).isEqualTo(rotten);
  }
}
