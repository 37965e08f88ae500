package dev.kedge.engine.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.testing.StoredChain;
import dev.kedge.engine.verify.PointReport.Coverage;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.repository.DirectoryTarget;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifications in parts, with a memory. */
class VerifyScopeTest {
  private static final int MIB = 1 << 20;
  private static final ClusterSize CLUSTERS = ClusterSize.of(64 << 10);

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path folder;

  @SuppressWarnings("NullAway.Init") // set before each test
  private StoredChain chain;

  private final Random random = new Random(11);

  @BeforeEach
  void anEmptyChain() {
    chain = new StoredChain(folder);
  }

  private void add(Compression compression, int times) throws IOException {
    for (int i = 0; i < times; i++) {
      chain.add(48 * MIB, CLUSTERS, compression, 600, random);
    }
  }

  private Repository repository() {
    return Repository.open(new DirectoryTarget(folder));
  }

  private List<PointReport> verify(VerifyScope scope) {
    return verify(scope, Progress.NONE, new CancelToken());
  }

  private List<PointReport> verify(VerifyScope scope, Progress progress, CancelToken cancel) {
    List<PointReport> reports = new ArrayList<>();
    new Verify(2, null, progress, cancel).all(repository(), scope, reports::add);
    return reports;
  }

  @ParameterizedTest
  @EnumSource(Compression.class)
  void samplesReadEverythingInTime(Compression compression) throws IOException {
    add(compression, 2);
    long whole = verifiedBytes(verify(VerifyScope.ALL));
    Instant before = Instant.now();
    VerifyScope third = new VerifyScope(null, null, 0.34);
    List<PointReport> first = verify(third);
    assertThat(first).extracting(PointReport::coverage).containsOnly(Coverage.PART);
    List<PointReport> second = verify(third);
    assertThat(first.getFirst().provenAt()).isBefore(before);
    List<PointReport> last = verify(third);
    assertThat(last).extracting(PointReport::coverage).containsOnly(Coverage.WHOLE);
    assertThat(verifiedBytes(first) + verifiedBytes(second) + verifiedBytes(last)).isEqualTo(whole);
    assertThat(verifiedBytes(first)).isBetween(whole / 4, whole / 2);
    // Proven is what was read since the first of the three.
    assertThat(last.getFirst().provenAt()).isBetween(before, Instant.now());
    assertThat(chain.store().proof(chain.newest()).pass()).isNull();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.01, 0.15, 0.5, 0.99})
  void oneOfTheSamplesFindsTheDamagedByte(double share) throws IOException {
    add(Compression.NONE, 1);
    Path file = folder.resolve(chain.store().dataName(chain.newest()));
    flip(file, MIB + random.nextLong(Files.size(file) - 2 * MIB));
    int found = 0;
    for (int i = 0; i < Math.ceil(1 / share) && i < 20; i++) {
      found += verify(new VerifyScope(null, null, share)).getFirst().isSound() ? 0 : 1;
    }
    assertThat(found).isPositive();
    assertThat(chain.store().proof(chain.newest()).damagedAt()).isNotNull();
    flipBack();
    // A part that is right does not make up for the part that was not.
    verify(new VerifyScope(null, null, 0.2));
    assertThat(chain.store().proof(chain.newest()).damagedAt()).isNotNull();
    verify(VerifyScope.ALL);
    assertThat(chain.store().proof(chain.newest()).damagedAt()).isNull();
  }

  @Test
  void whatWasProvenIsOnlyLookedFor() throws IOException {
    add(Compression.ZSTD, 2);
    verify(VerifyScope.ALL);
    VerifyScope recent = new VerifyScope(null, Instant.now().minus(Duration.ofDays(1)), 1);
    assertThat(verify(recent)).extracting(PointReport::coverage).containsOnly(Coverage.PRESENCE);
    assertThat(verify(recent)).allMatch(PointReport::isSound);
    add(Compression.ZSTD, 1);
    assertThat(verify(recent))
        .extracting(PointReport::coverage)
        .containsExactly(Coverage.PRESENCE, Coverage.PRESENCE, Coverage.WHOLE);
    Manifest oldest = chain.store().points().points().getFirst();
    Files.delete(folder.resolve(chain.store().dataName(oldest)));
    assertThat(verify(recent)).extracting(PointReport::isSound).containsOnly(false);
    VerifyScope outdated = new VerifyScope(null, Instant.now().plus(Duration.ofDays(1)), 1);
    assertThat(verify(outdated).getLast().coverage()).isEqualTo(Coverage.WHOLE);
  }

  @Test
  void onlyWhatWasTakenSince() throws IOException {
    chain.setTime(Instant.parse("2026-01-01T00:00:00Z"));
    add(Compression.NONE, 1);
    chain.setTime(Instant.parse("2026-02-01T00:00:00Z"));
    add(Compression.NONE, 1);
    Instant since = Instant.parse("2026-01-15T00:00:00Z");
    assertThat(verify(new VerifyScope(since, null, 1)))
        .extracting(PointReport::point)
        .containsExactly(chain.newest().id().toString());
    // What it builds on is not read again, but it must be there.
    Manifest oldest = chain.store().points().points().getFirst();
    Files.delete(
        folder.resolve("images/%s/%s.json".formatted(chain.store().imageId(), oldest.id())));
    assertThat(verify(new VerifyScope(since, null, 1)).getFirst().problems()).isNotEmpty();
  }

  @Test
  void anInterruptedRunGoesOn() throws IOException {
    add(Compression.NONE, 3);
    CancelToken cancel = new CancelToken();
    Instant start = Instant.now();
    assertThatThrownBy(() -> verify(VerifyScope.ALL, cancelAfter(72 * MIB, cancel), cancel))
        .isInstanceOf(KedgeException.class);
    Instant interrupted = repository().interruptedVerification().orElseThrow();
    assertThat(interrupted).isAfterOrEqualTo(start);
    List<PointReport> rest = verify(new VerifyScope(null, interrupted, 1));
    assertThat(rest)
        .extracting(PointReport::coverage)
        .containsExactly(Coverage.PRESENCE, Coverage.WHOLE, Coverage.WHOLE);
    assertThat(rest)
        .allMatch(report -> !Objects.requireNonNull(report.provenAt()).isBefore(interrupted));
    assertThat(repository().interruptedVerification()).isEmpty();
  }

  private static Progress cancelAfter(long bytes, CancelToken cancel) {
    return new Progress() {
      private long done;

      @Override
      public void begin(String step, long totalBytes) {}

      @Override
      public void advance(long more) {
        done += more;
        if (done >= bytes) {
          cancel.cancel();
        }
      }

      @Override
      public void note(String message) {}
    };
  }

  @Test
  void anImageThatEndsInAHoleIsProvenWhole() throws IOException {
    chain.add(MIB, CLUSTERS, Compression.NONE, 4, random);
    chain.add(2 * MIB, CLUSTERS, Compression.NONE, 0, random);
    chain.add(64 * MIB, CLUSTERS, Compression.ZSTD, 0, random);
    assertThat(verify(new VerifyScope(null, null, 0.99)))
        .extracting(PointReport::coverage)
        .containsOnly(Coverage.WHOLE);
    assertThat(verify(VerifyScope.ALL))
        .allSatisfy(report -> assertThat(report.provenAt()).isNotNull());
  }

  @Test
  void aDamagedMemoryIsForgotten() throws IOException {
    add(Compression.NONE, 1);
    verify(VerifyScope.ALL);
    Path memory = folder.resolve("images/%s/proofs.json".formatted(chain.store().imageId()));
    flip(memory, 100);
    assertThat(chain.store().proof(chain.newest()).provenAt()).isNull();
    assertThat(verify(VerifyScope.ALL)).allMatch(PointReport::isSound);
    assertThat(chain.store().proof(chain.newest()).provenAt()).isNotNull();
  }

  @Test
  void whatWasProvenOfOtherFilesIsNoProof() throws IOException {
    add(Compression.NONE, 1);
    verify(VerifyScope.ALL);
    Manifest point = chain.newest();
    Manifest rewritten =
        point.merged(
            point.parent(),
            point.file(),
            new Manifest.SumsFile(
                point.sums().name(),
                point.sums().lengthBytes(),
                point.file().tablesDigest(),
                point.sums().algorithm()));
    assertThat(chain.store().proof(rewritten).provenAt()).isNull();
  }

  @Test
  void foreignObjectsAreNamedAndNothingElse() throws IOException {
    add(Compression.NONE, 2);
    verify(VerifyScope.ALL);
    assertThat(repository().foreignObjects()).isEmpty();
    Path image = folder.resolve("images/" + chain.store().imageId());
    Files.writeString(folder.resolve("notes.txt"), "mine");
    Files.writeString(image.resolve("disk.vmdk"), "another's");
    Files.writeString(image.resolve("00000000-0000-4000-8000-000000000000.qcow2"), "begun");
    Files.createDirectories(folder.resolve("images/lost"));
    assertThat(repository().foreignObjects())
        .extracting(object -> object.name().substring(object.name().lastIndexOf('/', 30) + 1))
        .hasSize(4);
    assertThat(repository().foreignObjects().toString())
        .contains("notes.txt", "disk.vmdk", "00000000-0000-4000-8000-000000000000", "images/lost/");
    assertThat(verify(VerifyScope.ALL)).allMatch(PointReport::isSound);
  }

  private long flippedAt;
  private Path flipped = Path.of("");

  private void flip(Path file, long offset) throws IOException {
    flipped = file;
    flippedAt = offset;
    flipBack();
  }

  private void flipBack() throws IOException {
    byte[] bytes = Files.readAllBytes(flipped);
    bytes[(int) flippedAt] ^= 0x10;
    Files.write(flipped, bytes);
  }

  private static long verifiedBytes(List<PointReport> reports) {
    return reports.stream().mapToLong(PointReport::verifiedBytes).sum();
  }
}
