package dev.kedge.engine.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.history.QemuImg;
import dev.kedge.engine.testing.StoredChain;
import dev.kedge.engine.verify.PointReport;
import dev.kedge.engine.verify.Verify;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.DirectoryTarget;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.InstanceDisk;
import dev.kedge.repository.InstancePoint;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Repository;
import dev.kedge.repository.UnknownFields;
import dev.kedge.repository.crypt.KeySlots;
import dev.kedge.repository.crypt.Passphrase;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.JsonNodeFactory;

/** Copies of random chains, read by the copy's own files alone, by Kedge and by qemu-img. */
class CopyTest {
  private static final int MIB = 1 << 20;
  private static final List<Compression> COMPRESSIONS = List.of(Compression.values());
  private static final CopyRequest AS_IT_IS = new CopyRequest(null, null, false, 2, 0);

  @TempDir
  @SuppressWarnings("NullAway.Init") // set by JUnit
  private Path folder;

  private final Map<UUID, byte[]> truth = new LinkedHashMap<>();

  private StoredChain chain(Random random, int layers) throws IOException {
    StoredChain stored = new StoredChain(folder.resolve("from"));
    for (int layer = 0; layer < layers; layer++) {
      int unit = random.nextBoolean() ? 1 : 4096;
      int size = random.nextInt(8) == 0 ? 0 : MIB + random.nextInt(4 * MIB) / unit * unit;
      ClusterSize clusters = new ClusterSize(12 + random.nextInt(10));
      Compression compression = COMPRESSIONS.get(random.nextInt(COMPRESSIONS.size()));
      stored.add(size, clusters, compression, 1 + random.nextInt(20), random);
      truth.put(stored.newest().id(), stored.content());
    }
    return stored;
  }

  private Repository from() {
    return Repository.open(new DirectoryTarget(folder.resolve("from")));
  }

  private Repository to(String name) {
    return Repository.openOrCreate(new DirectoryTarget(folder.resolve(name)));
  }

  private Copy copy(Repository to, CopyRequest request) {
    return new Copy(from(), to, request, Progress.NONE, new CancelToken());
  }

  /** Every copied point is sound and reads as it must, the source being away. */
  private void holds(String name, Iterable<UUID> points) throws IOException {
    Path away = folder.resolve("away");
    Files.move(folder.resolve("from"), away);
    try {
      Repository to = to(name);
      assertThat(new Verify(2, null, Progress.NONE, new CancelToken()).all(to))
          .allMatch(PointReport::isSound);
      for (UUID point : points) {
        Path file = data(name, point);
        QemuImg.check(file);
        Path raw = folder.resolve("raw");
        QemuImg.toRaw(file, raw);
        byte[] expected = Objects.requireNonNull(truth.get(point));
        // qemu-img counts in sectors.
        byte[] padded = Arrays.copyOf(expected, (expected.length + 511) / 512 * 512);
        assertThat(Arrays.mismatch(Files.readAllBytes(raw), padded))
            .as("content of %s in %s", point, name)
            .isEqualTo(-1);
      }
    } finally {
      Files.move(away, folder.resolve("from"));
    }
  }

  private Path data(String name, UUID point) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve(name))) {
      return files.filter(f -> f.endsWith(point + ".qcow2")).findFirst().orElseThrow();
    }
  }

  private static @Nullable ClusterSize someSize(Random random) {
    return random.nextInt(3) == 0 ? null : new ClusterSize(12 + random.nextInt(10));
  }

  private static @Nullable Compression someCompression(Random random) {
    return random.nextInt(3) == 0 ? null : COMPRESSIONS.get(random.nextInt(3));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyPointReadsTheSameWhateverItsNewForm(long seed) throws IOException {
    Random random = new Random(seed);
    chain(random, 6);
    CopyResult same = copy(to("same"), AS_IT_IS).all();
    assertThat(same.failures()).isEmpty();
    assertThat(same.copied()).hasSize(6).allMatch(CopiedPoint::byBytes);
    for (UUID point : truth.keySet()) {
      assertThat(Files.mismatch(data("from", point), data("same", point))).isEqualTo(-1);
    }
    holds("same", truth.keySet());

    CopyRequest other = new CopyRequest(someCompression(random), someSize(random), false, 2, 0);
    CopyResult changed = copy(to("other"), other).all();
    assertThat(changed.failures()).as("%s", other).isEmpty();
    assertThat(changed.copied()).hasSize(6);
    holds("other", truth.keySet());
    for (Manifest point : stored("other").points().points()) {
      ClusterSize size = other.clusterSize();
      assertThat(point.file().clusterSizeBytes())
          .isEqualTo(
              size == null
                  ? stored("from").point(point.id()).file().clusterSizeBytes()
                  : size.bytes());
    }
    // The second time there is nothing to do.
    CopyResult again = copy(to("other"), other).all();
    assertThat(again.copied()).isEmpty();
    assertThat(again.present()).hasSize(6);

    UUID one = List.copyOf(truth.keySet()).get(random.nextInt(6));
    CopyRequest flat = new CopyRequest(someCompression(random), someSize(random), true, 2, 0);
    CopyResult flattened = copy(to("flat"), flat).point(stored("from"), one);
    assertThat(flattened.copied()).hasSize(1);
    assertThat(flattened.copied().getFirst().copy().kind()).isEqualTo(Manifest.Kind.FULL);
    holds("flat", List.of(one));
    // What builds on it finds it there.
    assertThat(copy(to("flat"), other).all().failures()).isEmpty();
    holds("flat", truth.keySet());
  }

  private ImageStore stored(String name) {
    return Repository.open(new DirectoryTarget(folder.resolve(name))).images().getFirst();
  }

  @Test
  void whatAPointIsStaysAndItsSnapshotIsTheSources() throws IOException {
    StoredChain chain = chain(new Random(1), 3);
    copy(to("to"), AS_IT_IS).all();
    for (Manifest mine : chain.store().points().points()) {
      Manifest there = stored("to").point(mine.id());
      assertThat(there.isSamePoint(mine)).isTrue();
      assertThat(there.sequence()).isEqualTo(mine.sequence());
      assertThat(there.parent()).isEqualTo(mine.parent());
      assertThat(there.snapshot().name()).isEqualTo(mine.snapshot().name());
      assertThat(there.snapshot().repository()).isEqualTo(from().info().id());
    }
    // A copy of the copy still names who took the snapshot, and back at home it is its own.
    new Copy(to("to"), to("third"), AS_IT_IS, Progress.NONE, new CancelToken()).all();
    UUID newest = chain.newest().id();
    assertThat(stored("third").point(newest).snapshot().repository()).isEqualTo(from().info().id());
    Files.delete(data("from", newest).resolveSibling(newest + ".json"));
    CopyResult back =
        new Copy(to("third"), from(), AS_IT_IS, Progress.NONE, new CancelToken()).all();
    assertThat(back.copied()).hasSize(1);
    assertThat(stored("from").point(newest).snapshot().isOurs()).isTrue();
  }

  @Test
  void aSinglePointBringsWhatItBuildsOnAndLaterOnesFollow() throws IOException {
    chain(new Random(2), 5);
    List<UUID> points = List.copyOf(truth.keySet());
    CopyResult one = copy(to("to"), AS_IT_IS).point(stored("from"), points.get(2));
    assertThat(one.copied()).extracting(c -> c.copy().id()).isEqualTo(points.subList(0, 3));
    CopyResult rest = copy(to("to"), AS_IT_IS).all();
    assertThat(rest.copied()).extracting(c -> c.copy().id()).isEqualTo(points.subList(3, 5));
    holds("to", points);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "zstd"})
  void aRottenByteIsNamedAndNeverCopied(String compression) throws IOException {
    int found = 0;
    for (long seed = 1; seed <= 12; seed++) {
      Random random = new Random(seed);
      truth.clear();
      StoredChain chain = new StoredChain(folder.resolve("from"));
      for (int i = 0; i < 4; i++) {
        chain.add(
            2 * MIB,
            new ClusterSize(16),
            Compression.valueOf(compression.toUpperCase(Locale.ROOT)),
            12,
            random);
        truth.put(chain.newest().id(), chain.content());
      }
      List<UUID> points = List.copyOf(truth.keySet());
      int rotten = random.nextInt(4);
      Path file = data("from", points.get(rotten));
      if (random.nextInt(4) == 0) {
        file = file.resolveSibling(points.get(rotten) + ".sums");
      }
      long at;
      try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
        at = random.nextLong(access.length());
        access.seek(at);
        int before = access.read();
        access.seek(at);
        access.write(before ^ (1 + random.nextInt(255)));
      }
      CopyRequest request =
          new CopyRequest(random.nextBoolean() ? Compression.ZLIB : null, null, false, 2, 0);
      CopyResult result = copy(to("to"), request).all();
      String when = "seed %d, byte %d of %s, %s".formatted(seed, at, file, result.failures());
      found += result.failures().isEmpty() ? 0 : 1;
      // A byte that nothing is read from, such as padding, may be left behind.
      if (!result.failures().isEmpty()) {
        assertThat(result.code()).as(when).contains(ErrorCode.VERIFICATION_FAILED);
        assertThat(result.failures()).as(when).hasSize(4 - rotten);
        assertThat(result.failures().getFirst().failure().getMessage())
            .as(when)
            .contains(points.get(rotten).toString());
      }
      holds("to", result.copied().stream().map(c -> c.copy().id()).toList());
      remove("from");
      remove("to");
    }
    assertThat(found).isGreaterThan(3);
  }

  private void remove(String name) throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve(name))) {
      for (Path file : files.toList().reversed()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void anEncryptedRepositoryIsCopiedIntoOneWithAnotherPassphrase() throws IOException {
    chain(new Random(3), 4);
    Repository first = encrypted("one", "first passphrase");
    Repository second = encrypted("two", "second passphrase");
    assertThat(copy(first, AS_IT_IS).all().failures()).isEmpty();
    CopyResult reencrypted =
        new Copy(first, second, AS_IT_IS, Progress.NONE, new CancelToken()).all();
    assertThat(reencrypted.copied()).hasSize(4).allMatch(CopiedPoint::byBytes);
    Repository plain = to("plain");
    new Copy(second, plain, AS_IT_IS, Progress.NONE, new CancelToken()).all();
    holds("plain", truth.keySet());
    for (UUID point : truth.keySet()) {
      assertThat(Files.mismatch(data("from", point), data("plain", point))).isEqualTo(-1);
    }
  }

  private Repository encrypted(String name, String passphrase) {
    BackupTarget place = new DirectoryTarget(folder.resolve(name));
    var _ =
        Repository.create(
            place,
            info ->
                info.withEncryption(
                    KeySlots.first(info.id(), Passphrase.of(passphrase), name, info.createdAt())));
    return Repository.open(KeySlots.unlock(place, () -> Passphrase.of(passphrase)));
  }

  @Test
  void aRepositoryIsNotCopiedIntoItself() throws IOException {
    chain(new Random(4), 1);
    assertThatThrownBy(() -> copy(from(), AS_IT_IS))
        .isInstanceOfSatisfying(
            KedgeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED));
  }

  @Test
  void whileSomebodyElseWritesThereNothingIsCopied() throws IOException {
    chain(new Random(5), 2);
    copy(to("to"), AS_IT_IS).point(stored("from"), List.copyOf(truth.keySet()).getFirst());
    try (Lease lease = stored("to").acquireLease()) {
      CopyResult result = copy(to("to"), AS_IT_IS).all();
      assertThat(result.copied()).isEmpty();
      assertThat(result.code()).contains(ErrorCode.BUSY);
      assertThat(lease.token()).isPositive();
    }
    assertThat(copy(to("to"), AS_IT_IS).all().copied()).hasSize(1);
  }

  private static InstancePoint instance(Manifest disk) {
    return new InstancePoint(
        UUID.randomUUID(),
        UUID.randomUUID(),
        1,
        Instant.EPOCH,
        new InstancePoint.Instance(UUID.randomUUID(), "web", "p", "u", "prod", null),
        InstancePoint.Consistency.AGENT,
        0.5,
        List.of(
            new InstanceDisk(
                InstanceDisk.Role.VOLUME,
                0,
                true,
                "/dev/vda",
                null,
                false,
                "v1",
                null,
                new InstanceDisk.Kept(
                    "main", disk.image().identity(), disk.id(), disk.sizeBytes()))),
        JsonNodeFactory.instance.objectNode().put("name", "web"),
        List.of("a note"),
        Manifest.WRITER,
        UnknownFields.NONE);
  }

  @Test
  void anInstanceGoesWithItsDisksAndNotWithoutThem() throws IOException {
    StoredChain chain = chain(new Random(6), 3);
    List<Manifest> points = chain.store().points().points();
    InstancePoint first = instance(points.get(1));
    InstancePoint second = instance(points.get(2));
    from().instances().commit(first);
    from().instances().commit(second);
    CopyResult one = copy(to("to"), AS_IT_IS).instance(first);
    assertThat(one.copied()).hasSize(2);
    assertThat(to("to").instances().list().points()).containsExactly(first);
    assertThat(copy(to("to"), AS_IT_IS).instance(first).presentInstances()).containsExactly(first);

    Path data = data("from", points.get(2).id());
    Files.move(data, folder.resolve("aside"));
    CopyResult some = copy(to("to"), AS_IT_IS).all();
    assertThat(some.code()).contains(ErrorCode.VERIFICATION_FAILED);
    assertThat(some.failures())
        .extracting(CopyFailure::point)
        .containsExactlyInAnyOrder(points.get(2).id(), second.id());
    assertThat(to("to").instances().list().points()).containsExactly(first);
    Files.move(folder.resolve("aside"), data);
    CopyResult rest = copy(to("to"), AS_IT_IS).all();
    assertThat(rest.failures()).isEmpty();
    assertThat(rest.copiedInstances()).containsExactly(second);
    assertThat(to("to").instances().list().points()).containsExactlyInAnyOrder(first, second);
  }
}
