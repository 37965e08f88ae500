package dev.kedge.engine.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.testing.Place;
import dev.kedge.engine.testing.StoredChain;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.qcow2.Extent;
import dev.kedge.qcow2.Qcow2Chain;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Repository;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Scanner;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes, what it costs, and what is refused. */
class ExpiryTest {
  private static final int SIZE = 4 << 20;
  private static final int POINTS = 5;

  @TempDir Path folder;
  private Place place;
  private StoredChain chain;
  private List<UUID> points = List.of();

  @BeforeEach
  void build() throws IOException {
    Random random = new Random(11);
    place = Place.create(folder, false);
    chain = new StoredChain(Repository.open(place.target()));
    for (int i = 0; i < POINTS; i++) {
      chain.add(SIZE, new ClusterSize(12), Compression.NONE, i == 0 ? 700 : 60, random);
    }
    points = chain.store().points().points().stream().map(Manifest::id).toList();
  }

  private ImageStore store() {
    return chain.store();
  }

  private ExpiryResult expire(Set<UUID> expired) {
    try (Lease lease = store().acquireLease()) {
      return new Expiry(store(), Progress.NONE, new CancelToken()).apply(expired, lease);
    }
  }

  @Test
  void theFullOneGoesAtTheCostOfItsChild() throws IOException {
    Manifest full = store().point(points.get(0));
    Manifest child = store().point(points.get(1));
    ExpiryResult result = expire(Set.of(full.id()));
    assertThat(result.writtenBytes())
        .isLessThan(2 * child.file().lengthBytes() + full.sums().lengthBytes())
        .isLessThan(full.file().lengthBytes() / 2);
    assertThat(store().point(child.id()).kind()).isEqualTo(Manifest.Kind.FULL);
    Kept.assertReads(place, chain, points.subList(1, POINTS), "the full one is gone");
    Kept.assertQemuReads(place, chain, points.subList(1, POINTS), "the full one is gone");
    Kept.assertTidy(place, points.subList(1, POINTS));
  }

  @Test
  void spaceIsGivenBackForReal() throws IOException {
    long before = allocatedBytes();
    ExpiryResult result = expire(Set.copyOf(points.subList(0, POINTS - 1)));
    assertThat(before - allocatedBytes()).isPositive();
    assertThat(allocatedBytes()).isLessThan(before - result.freedBytes() + (256 << 10));
    assertThat(store().latest().orElseThrow().file().unpunchedBytes()).isZero();
  }

  @Test
  void whoHasTheFilesOpenReadsOnAndTheSpaceComesLater() throws IOException {
    UUID kept = points.get(3);
    byte[] expected = chain.contentOf(kept);
    try (RestorePointReader open = RestorePointReader.open(store(), kept)) {
      ExpiryResult result = expire(Set.of(points.get(0), points.get(1), points.get(2)));
      assertThat(result.notes()).anyMatch(note -> note.contains("is being read"));
      ByteBuffer content = ByteBuffer.allocate(SIZE);
      open.read(0, content);
      assertThat(Arrays.mismatch(content.array(), expected)).isEqualTo(-1);
    }
    assertThat(store().point(kept).file().unpunchedBytes()).isPositive();
    long before = allocatedBytes();
    expire(Set.of());
    assertThat(store().point(kept).file().unpunchedBytes()).isZero();
    assertThat(allocatedBytes()).isLessThan(before);
    Kept.assertReads(place, chain, points.subList(3, POINTS), "space was given back later");
    Kept.assertQemuReads(place, chain, points.subList(3, POINTS), "space was given back later");
    Kept.assertTidy(place, points.subList(3, POINTS));
  }

  @Test
  void anyOneCanBeDeleted() throws IOException {
    List<UUID> left = new ArrayList<>(points);
    for (int index : new int[] {2, 3, 0, 1, 0}) {
      UUID point = left.remove(index);
      try (Lease lease = store().acquireLease()) {
        new Expiry(store(), Progress.NONE, new CancelToken()).delete(point, lease);
      }
      Kept.assertReads(place, chain, left, point + " is deleted");
      Kept.assertQemuReads(place, chain, left, point + " is deleted");
      Kept.assertTidy(place, left);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void rotIsNotCopiedWithAFreshChecksum(int rotten) throws IOException {
    Manifest layer = store().point(points.get(rotten));
    Path file = folder.resolve(store().dataName(layer));
    long at = visibleClusterOf(layer);
    flip(file, at);
    Map<String, String> before = state();
    if (rotten == 0) {
      // Not copied, and still under its own checksum.
      expire(Set.of(points.get(0), points.get(1)));
      KedgeException failure =
          Assertions.catchThrowableOfType(
              KedgeException.class, () -> Kept.read(store(), points.get(2)));
      assertThat(failure.code()).isEqualTo(ErrorCode.VERIFICATION_FAILED);
      return;
    }
    KedgeException failure =
        Assertions.catchThrowableOfType(
            KedgeException.class, () -> expire(Set.of(points.get(0), points.get(1))));
    assertThat(failure.code()).isEqualTo(ErrorCode.VERIFICATION_FAILED);
    assertThat(failure).hasMessageContaining(layer.id().toString());
    assertThat(payload(state())).isEqualTo(payload(before));
  }

  @Test
  void aRottenTableOfTheBaseIsFoundBeforeItCounts() throws IOException {
    Manifest base = store().point(points.get(0));
    Path file = folder.resolve(store().dataName(base));
    long length = Files.size(file);
    int found = 0;
    // The last L2 table and the L1 table; entries begin with the copied flag.
    for (long at = length - 40 * 4096; at < length - 4096; at += 8) {
      if (isL2Entry(file, at, length)) {
        Map<String, String> before = state();
        flip(file, at + 5);
        KedgeException failure =
            Assertions.catchThrowableOfType(
                KedgeException.class, () -> expire(Set.of(points.get(0))));
        assertThat(failure).as("entry at %d", at).isNotNull();
        assertThat(failure.code()).isEqualTo(ErrorCode.VERIFICATION_FAILED);
        flip(file, at + 5);
        assertThat(payload(state())).isEqualTo(payload(before));
        found++;
        at += 400;
      }
    }
    assertThat(found).isPositive();
  }

  @Test
  void aDamagedPointIsNamedAndNothingIsPruned() throws IOException {
    Path file = folder.resolve(store().dataName(store().point(points.get(3))));
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(5000);
    }
    Map<String, String> before = state();
    KedgeException failure =
        Assertions.catchThrowableOfType(KedgeException.class, () -> expire(Set.of(points.get(0))));
    assertThat(failure.code()).isEqualTo(ErrorCode.VERIFICATION_FAILED);
    assertThat(failure).hasMessageContaining(points.get(3).toString());
    assertThat(payload(state())).isEqualTo(payload(before));
  }

  @Test
  void aStopLeavesEverythingAndTheNextRunGoesOn() throws IOException {
    for (int steps = 0; steps < 40; steps += 3) {
      CancelToken cancel = new CancelToken();
      int[] left = {steps};
      Progress stopping =
          new Progress() {
            @Override
            public void begin(String step, long totalBytes) {}

            @Override
            public void advance(long bytes) {
              if (left[0]-- == 0) {
                cancel.cancel();
              }
            }

            @Override
            public void note(String message) {}
          };
      UUID gone = store().points().points().getFirst().id();
      List<UUID> kept =
          points.stream().filter(point -> points.indexOf(point) > points.indexOf(gone)).toList();
      if (kept.isEmpty()) {
        break;
      }
      try (Lease lease = store().acquireLease()) {
        new Expiry(store(), stopping, cancel).apply(Set.of(gone), lease);
      } catch (KedgeException e) {
        assertThat(e.code()).isEqualTo(ErrorCode.INTERRUPTED);
      }
      Kept.assertReads(place, chain, kept, "stopped after " + steps);
      Kept.assertQemuReads(place, chain, kept, "stopped after " + steps);
      expire(Set.of());
      Kept.assertTidy(place, kept);
    }
  }

  @Test
  void aForecastChangesNothingAndComesTrue() throws IOException {
    Map<String, String> before = state();
    Set<UUID> expired = Set.of(points.get(0), points.get(1), points.get(4));
    ExpiryResult forecast = new Expiry(store(), Progress.NONE, new CancelToken()).forecast(expired);
    assertThat(state()).isEqualTo(before);
    ExpiryResult result = expire(expired);
    assertThat(result.deleted()).isEqualTo(forecast.deleted());
    assertThat(result.retired()).isEqualTo(forecast.retired());
    assertThat(result.merges()).hasSameSizeAs(forecast.merges());
    assertThat(result.writtenBytes())
        .isBetween(forecast.writtenBytes(), 2 * forecast.writtenBytes());
  }

  /** Where in the file a cluster lies that the next restore point shows. */
  private long visibleClusterOf(Manifest layer) throws IOException {
    long[] found = {-1};
    UUID top = points.get(2);
    try (RestorePointReader reader = RestorePointReader.open(store(), top)) {
      int index = reader.manifests().indexOf(layer);
      Qcow2Chain.of(reader.layers())
          .forEachExtent(
              0,
              SIZE,
              (at, extent) -> {
                if (at == index && extent.kind() == Extent.Kind.DATA && found[0] < 0) {
                  found[0] = extent.hostOffset();
                }
              });
    }
    assertThat(found[0]).isPositive();
    return found[0];
  }

  private static boolean isL2Entry(Path file, long at, long length) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer entry = ByteBuffer.allocate(8);
      channel.read(entry, at);
      long value = entry.getLong(0);
      long offset = value & 0x00ff_ffff_ffff_fe00L;
      return value >>> 56 == 0x80 && (value & 0xfff) == 0 && offset > 4096 && offset < length;
    }
  }

  private static void flip(Path file, long at) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, at);
      one.put(0, (byte) (one.get(0) ^ 0x10)).clear();
      channel.write(one, at);
    }
  }

  private static Map<String, String> payload(Map<String, String> state) {
    Map<String, String> payload = new TreeMap<>(state);
    payload.keySet().removeIf(name -> name.endsWith(".json"));
    return payload;
  }

  private Map<String, String> state() throws IOException {
    Map<String, String> state = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        state.put(
            file.toString(), Arrays.hashCode(Files.readAllBytes(file)) + " " + Files.size(file));
      }
    }
    return state;
  }

  private long allocatedBytes() throws IOException {
    Process du = new ProcessBuilder("du", "-s", "-B1", folder.toString()).start();
    try (Scanner answer = new Scanner(du.getInputStream(), StandardCharsets.UTF_8)) {
      return answer.nextLong();
    }
  }
}
