package dev.kedge.repository;

import static dev.kedge.repository.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SumsTest {
  private static final int CLUSTER = 4096;

  @TempDir Path root;
  DirectoryTarget target;

  /** One cluster of a layer; a null checksum is a zero cluster. */
  private record Entry(long cluster, @org.jspecify.annotations.Nullable Checksum checksum) {}

  private record Run(SumsReader.Kind kind, long first, long count) {}

  @BeforeEach
  void create() {
    target = new DirectoryTarget(root);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whatWasWrittenIsRead(long seed) {
    Random random = new Random(seed);
    long clusters = 30_000;
    List<Entry> expected = new ArrayList<>();
    try (ObjectOutput output = target.create("s")) {
      SumsWriter writer = new SumsWriter(output, CLUSTER, clusters * CLUSTER - 7);
      long at = 0;
      while (at < clusters) {
        long count = Math.min(clusters - at, 1 + random.nextLong(6000));
        switch (random.nextInt(3)) {
          case 0 -> {
            writer.zeroes(at, count);
            for (long c = at; c < at + count; c++) {
              expected.add(new Entry(c, null));
            }
          }
          case 1 -> {
            for (long c = at; c < at + count; c++) {
              Checksum checksum = new Checksum(random.nextLong(), random.nextLong());
              writer.data(c, checksum);
              expected.add(new Entry(c, checksum));
            }
          }
          default -> {} // Not in this layer.
        }
        at += count;
      }
      SumsWriter.Summary summary = writer.finish();
      assertThat(output.lengthBytes()).isEqualTo(summary.lengthBytes());
      assertThat(entries(summary)).as("seed %d", seed).isEqualTo(expected);
      assertThat(Checksummer.of(target.readAll("s", 1 << 26))).isEqualTo(summary.digest());
    }
  }

  private List<Entry> entries(SumsWriter.Summary summary) {
    List<Entry> entries = new ArrayList<>();
    try (SumsReader reader = reader(summary)) {
      assertThat(reader.clusterSizeBytes()).isEqualTo(CLUSTER);
      while (reader.next()) {
        for (int i = 0; i < reader.count(); i++) {
          entries.add(
              new Entry(
                  reader.firstCluster() + i,
                  reader.kind() == SumsReader.Kind.DATA ? reader.checksum(i) : null));
        }
      }
      assertThat(reader.next()).isFalse();
    }
    return entries;
  }

  private SumsReader reader(SumsWriter.Summary summary) {
    return new SumsReader("s", target.open("s"), summary.lengthBytes(), summary.digest());
  }

  @Test
  void adjacentClustersOfAKindAreOneRun() {
    SumsWriter.Summary summary =
        write(
            w -> {
              w.zeroes(0, 5);
              w.zeroes(5, 0);
              w.zeroes(5, 1L << 33);
              w.data(1L << 34, 1, 2);
              w.data((1L << 34) + 1, 3, 4);
              w.data((1L << 34) + 9, 5, 6);
            },
            (1L << 35) * CLUSTER);
    List<Run> runs = new ArrayList<>();
    try (SumsReader reader = reader(summary)) {
      while (reader.next()) {
        runs.add(new Run(reader.kind(), reader.firstCluster(), reader.count()));
      }
    }
    assertThat(runs)
        .containsExactly(
            new Run(SumsReader.Kind.ZERO, 0, 5 + (1L << 33)),
            new Run(SumsReader.Kind.DATA, 1L << 34, 2),
            new Run(SumsReader.Kind.DATA, (1L << 34) + 9, 1));
  }

  private SumsWriter.Summary write(
      java.util.function.Consumer<SumsWriter> content, long imageSizeBytes) {
    try (ObjectOutput output = target.create("s")) {
      SumsWriter writer = new SumsWriter(output, CLUSTER, imageSizeBytes);
      content.accept(writer);
      return writer.finish();
    }
  }

  @Test
  void clustersOutOfOrderOrBeyondTheImageAreABug() {
    write(
        w -> {
          w.data(5, 1, 1);
          assertThatThrownBy(() -> w.data(5, 1, 1)).isInstanceOf(IllegalArgumentException.class);
          assertThatThrownBy(() -> w.zeroes(2, 9)).isInstanceOf(IllegalArgumentException.class);
          assertThatThrownBy(() -> w.zeroes(9, 2)).isInstanceOf(IllegalArgumentException.class);
          assertThatThrownBy(() -> w.zeroes(9, -1)).isInstanceOf(IllegalArgumentException.class);
          w.zeroes(9, 1);
        },
        10 * CLUSTER);
  }

  @Test
  void anEmptyLayerHasAnEndAndAnEmptyImageHasNoClusters() {
    assertThat(entries(write(_ -> {}, 0))).isEmpty();
    assertThatThrownBy(() -> write(w -> w.data(0, 1, 1), 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aTruncatedOrLengthenedFileIsRefused() throws Exception {
    SumsWriter.Summary summary = write(SumsTest::sample, 20_000L * CLUSTER);
    byte[] whole = Files.readAllBytes(root.resolve("s"));
    for (int length = 0; length <= whole.length + 24; length += length < 200 ? 1 : 1009) {
      if (length == whole.length) {
        continue;
      }
      byte[] cut = java.util.Arrays.copyOf(whole, length);
      Files.write(root.resolve("s"), cut);
      assertFails(ErrorCode.VERIFICATION_FAILED, () -> drain(summary));
      // Even where the manifest was made for the cut file, the missing end is noticed.
      var forged = new SumsWriter.Summary(length, Checksummer.of(cut));
      assertFails(ErrorCode.VERIFICATION_FAILED, () -> drain(forged));
    }
  }

  private static void sample(SumsWriter writer) {
    writer.zeroes(0, 100);
    for (long c = 100; c < 900; c++) {
      writer.data(c, c, -c);
    }
    for (long c = 6_001; c < 6_400; c += 3) {
      writer.data(c, c, c);
      writer.zeroes(c + 1, 1);
    }
  }

  private void drain(SumsWriter.Summary summary) {
    long sum = 0;
    try (SumsReader reader = reader(summary)) {
      while (reader.next()) {
        for (int i = 0; reader.kind() == SumsReader.Kind.DATA && i < reader.count(); i++) {
          sum += reader.high(i) ^ reader.low(i);
        }
      }
    }
    assertThat(sum).isNotEqualTo(42);
  }

  @Test
  void everyChangedByteIsNoticed() throws Exception {
    SumsWriter.Summary summary = write(SumsTest::sample, 20_000L * CLUSTER);
    byte[] whole = Files.readAllBytes(root.resolve("s"));
    Random random = new Random(11);
    for (int i = 0; i < 1500; i++) {
      int at = i < 600 ? i : random.nextInt(whole.length);
      byte[] changed = whole.clone();
      changed[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(root.resolve("s"), changed);
      KedgeException failure =
          org.assertj.core.api.Assertions.catchThrowableOfType(
              KedgeException.class, () -> drain(summary));
      assertThat(failure).as("seed 11, round %d, byte %d", i, at).isNotNull();
    }
  }

  @Test
  void aForgedFileWithAMatchingDigestIsReadOrRefusedAndNothingElse() throws Exception {
    write(SumsTest::sample, 20_000L * CLUSTER);
    byte[] whole = Files.readAllBytes(root.resolve("s"));
    Random random = new Random(12);
    int refused = 0;
    for (int i = 0; i < 1500; i++) {
      byte[] changed = whole.clone();
      int at = i % 2 == 0 ? random.nextInt(80) : random.nextInt(whole.length - 8);
      for (int n = random.nextInt(8); n >= 0; n--) {
        changed[at + n] = (byte) (random.nextBoolean() ? 0xff : random.nextInt());
      }
      Files.write(root.resolve("s"), changed);
      try {
        drain(new SumsWriter.Summary(changed.length, Checksummer.of(changed)));
      } catch (KedgeException e) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }
}
