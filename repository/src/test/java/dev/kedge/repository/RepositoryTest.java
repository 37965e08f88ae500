package dev.kedge.repository;

import static dev.kedge.repository.Failures.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryTest {
  private static final UUID ONE = Samples.point(1);
  private static final UUID TWO = Samples.point(2);
  private static final UUID THREE = Samples.point(3);

  @TempDir Path parent;
  FaultyTarget target;
  private BackupTarget sound;
  private int targets;
  FakeTime time = new FakeTime();
  FakeProcess here = FakeProcess.on("here");

  @BeforeEach
  void create() {
    sound = newTarget();
    target = new FaultyTarget(sound);
  }

  /** In a place of its own. */
  BackupTarget newTarget() {
    return new DirectoryTarget(parent.resolve("t" + targets++));
  }

  int rounds() {
    return 10;
  }

  private Repository open() {
    return Repository.openOrCreate(target, here.context(time));
  }

  @Test
  void aRepositoryIsMadeInAnEmptyPlaceAndFoundAgain() {
    Repository made = open();
    assertThat(Repository.open(target).info()).isEqualTo(made.info());
    assertThat(open().info()).isEqualTo(made.info());
    assertThat(made.images()).isEmpty();
  }

  @Test
  void aPlaceWithOtherThingsIsLeftAlone() {
    target.createLocation();
    target.replace("thesis.txt", "mine".getBytes(UTF_8));
    assertThat(assertFails(ErrorCode.REFUSED, this::open))
        .hasMessageContaining(target.location())
        .hasMessageContaining("not empty");
    assertThat(assertFails(ErrorCode.NOT_FOUND, () -> Repository.open(target)))
        .hasMessageContaining("first backup");
    assertThat(target.list("")).extracting(StoredObject::name).containsExactly("thesis.txt");
    assertThat(target.folders("")).isEmpty();
  }

  @Test
  void aLaterFormatOrDamageIsRefused() {
    open();
    byte[] bytes = target.readAll(RepositoryInfo.NAME, 10_000);
    var later = SealedJson.unseal(bytes, "k").put("formatVersion", 3);
    target.replace(RepositoryInfo.NAME, SealedJson.seal(later));
    assertFails(ErrorCode.REFUSED, this::open);
    bytes[20] ^= 1;
    target.replace(RepositoryInfo.NAME, bytes);
    assertThat(assertFails(ErrorCode.VERIFICATION_FAILED, this::open))
        .hasMessageContaining("kedge.json");
  }

  @Test
  void processesThatMakeItAtOnceAgree() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (int round = 0; round < rounds(); round++) {
        BackupTarget fresh = newTarget();
        Set<UUID> ids = ConcurrentHashMap.newKeySet();
        List<Callable<Boolean>> makers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          makers.add(() -> {
            Repository repository = Repository.openOrCreate(fresh);
            repository.image(Samples.IMAGE);
            return ids.add(repository.info().id());
          });
        }
        for (Future<Boolean> maker : threads.invokeAll(makers)) {
          maker.get();
        }
        assertThat(ids).as("round %d", round).hasSize(1);
      }
    }
  }

  @Test
  void anImageHasOneIdEverywhere() {
    assertThat(Samples.IMAGE.imageId())
        .isEqualTo(UUID.fromString("8324ef7c-bbb1-8e93-a87b-8028ea386ad2"));
    assertThat(Samples.IMAGE.imageId().version()).isEqualTo(8);
    assertThat(Samples.IMAGE.imageId().variant()).isEqualTo(2);
    assertThat(new ImageIdentity("f", "ab", "c", "d").imageId())
        .isNotEqualTo(new ImageIdentity("f", "a", "bc", "d").imageId());
  }

  @Test
  void aPoolMayBeCalledLikeWhatIsNotOnCeph() {
    Repository repository = open();
    ImageIdentity disk = ImageIdentity.ofRootDisk("server");
    ImageStore onCeph = repository.image(new ImageIdentity("f", disk.pool(), "", "server"));
    assertThat(assertFails(ErrorCode.NOT_FOUND, () -> repository.findElsewhere(disk)))
        .hasMessageContaining("There is no backup of nova:server");
    ImageStore elsewhere = repository.image(disk);
    assertThat(repository.findElsewhere(disk).imageId()).isEqualTo(elsewhere.imageId());
    assertThat(repository.findImage(disk.pool(), "", "server").imageId())
        .isEqualTo(onCeph.imageId());
  }

  @Test
  void imagesAreFoundByNameAcrossClusters() {
    Repository repository = open();
    ImageStore one = repository.image(Samples.IMAGE);
    repository.image(new ImageIdentity("f", "volumes", "ns", "volume-1"));
    assertThat(repository.images()).hasSize(2);
    assertThat(repository.findImage("volumes", "", "volume-1").imageId()).isEqualTo(one.imageId());
    assertThat(assertFails(ErrorCode.NOT_FOUND, () -> repository.findImage("volumes", "", "other")))
        .hasMessageContaining("rbd:volumes/other");
    repository.image(new ImageIdentity("f", "volumes", "", "volume-1"));
    assertThat(assertFails(ErrorCode.USAGE, () -> repository.findImage("volumes", "", "volume-1")))
        .hasMessageContaining(Samples.IMAGE.clusterFsid())
        .hasMessageContaining("cluster f");
    target.replace("images/" + one.imageId() + "/image.json", "{}".getBytes(UTF_8));
    assertFails(ErrorCode.VERIFICATION_FAILED, () -> repository.findImage("volumes", "", "x"));
    assertThat(repository.findImage("volumes", "ns", "volume-1").identity().namespace())
        .isEqualTo("ns");
  }

  @Test
  void aRestorePointIsFoundByTheStartOfItsId() {
    Repository repository = open();
    ImageStore store = repository.image(Samples.IMAGE);
    try (Lease lease = store.acquireLease()) {
      Samples.backUp(store, lease, ONE);
      Samples.backUp(store, lease, TWO);
    }
    assertThat(repository.findPoint(" 10000001 ").manifest().id()).isEqualTo(ONE);
    FoundPoint found = repository.findPoint(TWO.toString().toUpperCase(java.util.Locale.ROOT));
    assertThat(found.manifest().id()).isEqualTo(TWO);
    assertThat(found.image().imageId()).isEqualTo(store.imageId());
    assertThat(assertFails(ErrorCode.USAGE, () -> repository.findPoint("1000")))
        .hasMessageContaining(ONE.toString())
        .hasMessageContaining(TWO.toString());
    assertFails(ErrorCode.NOT_FOUND, () -> repository.findPoint("2"));
    assertFails(ErrorCode.USAGE, () -> repository.findPoint(""));
    assertFails(ErrorCode.USAGE, () -> repository.findPoint("../kedge"));
  }

  @Test
  void aDamagedManifestIsShownAsDamagedAndStopsWhatItPutsInDoubt() {
    Repository repository = open();
    ImageStore store = repository.image(Samples.IMAGE);
    Lease lease = store.acquireLease();
    for (UUID point : List.of(ONE, TWO, THREE)) {
      Samples.backUp(store, lease, point);
    }
    String folder = "images/" + store.imageId() + "/";
    String text = new String(target.readAll(folder + PointNames.manifest(TWO), 10_000), UTF_8);
    target.replace(
        folder + PointNames.manifest(TWO), text.replace("zeroBytes", "zeroByteS").getBytes(UTF_8));
    PointListing listing = store.points();
    assertThat(listing.points()).extracting(Manifest::id).containsExactly(ONE, THREE);
    assertThat(listing.damaged()).extracting(DamagedPoint::point).containsExactly(TWO);
    assertFails(ErrorCode.VERIFICATION_FAILED, () -> store.chain(THREE));
    assertFails(ErrorCode.VERIFICATION_FAILED, () -> repository.findPoint(TWO.toString()));
    assertThat(assertFails(ErrorCode.REFUSED, () -> store.delete(ONE, lease)))
        .hasMessageContaining(TWO.toString());
    target.age("");
    store.cleanUp(lease);
    for (String name :
        List.of(PointNames.manifest(TWO), PointNames.data(TWO), PointNames.sums(TWO))) {
      assertThat(target.exists(folder + name)).as(name).isTrue();
    }
  }

  @Test
  void aChainGoesDownToItsFullAndABrokenOneIsNamed() {
    ImageStore store = open().image(Samples.IMAGE);
    Lease lease = store.acquireLease();
    for (UUID point : List.of(ONE, TWO, THREE)) {
      Samples.backUp(store, lease, point);
    }
    assertThat(store.chain(THREE)).extracting(Manifest::id).containsExactly(THREE, TWO, ONE);
    assertThat(store.chain(ONE)).extracting(Manifest::id).containsExactly(ONE);
    assertFails(ErrorCode.NOT_FOUND, () -> store.chain(Samples.point(9)));
    String folder = "images/" + store.imageId() + "/";
    target.replace(folder + PointNames.manifest(ONE), Samples.manifest(ONE, 1, THREE, 1).toBytes());
    assertThat(assertFails(ErrorCode.VERIFICATION_FAILED, () -> store.chain(THREE)))
        .hasMessageContaining(ONE.toString());
    target.delete(folder + PointNames.manifest(ONE));
    assertThat(assertFails(ErrorCode.VERIFICATION_FAILED, () -> store.chain(THREE)))
        .hasMessageContaining(ONE.toString())
        .hasMessageContaining("missing");
  }

  @Test
  void whatOthersNeedIsNotDeleted() {
    ImageStore store = open().image(Samples.IMAGE);
    Lease lease = store.acquireLease();
    Samples.backUp(store, lease, ONE);
    Samples.backUp(store, lease, TWO);
    Samples.backUp(store, lease, THREE, null);
    assertThat(assertFails(ErrorCode.REFUSED, () -> store.delete(ONE, lease)))
        .hasMessageContaining(TWO.toString());
    assertFails(ErrorCode.NOT_FOUND, () -> store.delete(Samples.point(9), lease));
    store.delete(TWO, lease);
    store.delete(ONE, lease);
    assertThat(store.points().points()).extracting(Manifest::id).containsExactly(THREE);
    assertThat(target.list("images/" + store.imageId() + "/"))
        .extracting(StoredObject::baseName)
        .noneMatch(name -> name.startsWith(ONE.toString()) || name.startsWith(TWO.toString()));
  }

  @Test
  void theNewestCanBeDeletedAndItsSnapshotIsLeftToTheNextBackup() {
    ImageStore store = open().image(Samples.IMAGE);
    Lease lease = store.acquireLease();
    Samples.backUp(store, lease, ONE);
    Samples.backUp(store, lease, TWO);
    store.delete(TWO, lease);
    lease.release();
    assertThat(store.latest()).map(Manifest::id).contains(ONE);
    Lease next = store.acquireLease();
    assertThat(store.cleanUp(next).abandonedSnapshots()).containsExactly(Samples.snapshot(TWO));
    next.forgetPending(List.of(Samples.snapshot(TWO)));
    assertThat(store.cleanUp(next).abandonedSnapshots()).isEmpty();
  }

  @Test
  void aRetiredPointIsALayerAndNothingElse() {
    Repository repository = open();
    ImageStore store = repository.image(Samples.IMAGE);
    Lease lease = store.acquireLease();
    Manifest one = Samples.backUp(store, lease, ONE);
    Samples.backUp(store, lease, TWO);
    store.retire(List.of(one), lease);
    assertThat(store.points().points()).extracting(Manifest::id).containsExactly(TWO);
    assertThat(store.points().layers()).extracting(Manifest::id).containsExactly(ONE, TWO);
    assertThat(store.chain(TWO)).extracting(Manifest::id).containsExactly(TWO, ONE);
    assertFails(ErrorCode.NOT_FOUND, () -> repository.findPoint(ONE.toString()));
    assertFails(ErrorCode.REFUSED, () -> store.delete(ONE, lease));
    assertThat(store.points().nextSequence()).isEqualTo(3);
  }

  @Test
  void whatDoesNotFitIsNotCommitted() {
    ImageStore store = open().image(Samples.IMAGE);
    Lease lease = store.acquireLease();
    Manifest one = Samples.backUp(store, lease, ONE);
    assertFails(
        ErrorCode.REFUSED, () -> store.commit(Samples.manifest(TWO, 2, ONE, lease.token()), lease));
    try (PointOutputs outputs = store.begin(TWO)) {
      var tables = dev.kedge.qcow2.AppendOutput.Part.TABLES;
      outputs.data().append(java.nio.ByteBuffer.allocate(8), tables);
      outputs.sums().append(java.nio.ByteBuffer.allocate(56), tables);
      outputs.data().flush();
      outputs.sums().flush();
    }
    long token = lease.token();
    List<Manifest> wrong =
        List.of(
            Samples.manifest(TWO, 1, ONE, token),
            Samples.manifest(TWO, 2, THREE, token),
            Samples.manifest(TWO, 2, ONE, token + 1),
            Samples.with(
                Samples.manifest(TWO, 2, ONE, token),
                new Manifest.DataFile(PointNames.data(TWO), 9, 65_536, "none", new Checksum(1, 2)),
                Samples.manifest(TWO, 2, ONE, token).sums()));
    for (Manifest manifest : wrong) {
      assertFails(ErrorCode.REFUSED, () -> store.commit(manifest, lease));
    }
    Manifest other =
        Samples.with(
            one,
            one.file(),
            new Manifest.SumsFile(
                one.sums().name(),
                one.sums().lengthBytes(),
                new Checksum(9, 9),
                Checksum.ALGORITHM));
    assertFails(ErrorCode.REFUSED, () -> store.commit(other, lease));
    store.commit(Samples.manifest(TWO, 2, ONE, token), lease);
    assertThat(store.points().points()).extracting(Manifest::id).containsExactly(ONE, TWO);
  }

  @Test
  void aCleanUpRemovesOnlyWhatIsOldAndNobodys() {
    ImageStore store = open().image(Samples.IMAGE);
    Lease lease = store.acquireLease();
    Samples.backUp(store, lease, ONE);
    String folder = "images/" + store.imageId() + "/";
    for (String name :
        List.of(
            PointNames.data(TWO),
            PointNames.sums(TWO),
            "notes.txt",
            "copy.qcow2",
            "lease.backup.json")) {
      target.replace(folder + name, name.getBytes(UTF_8));
    }
    UUID buried = Samples.point(7);
    byte[] tombstone = new Tombstone(buried, 1, time.now()).toBytes();
    target.replace(folder + PointNames.manifest(buried), tombstone);
    UUID ours = Samples.point(8);
    lease.intend(ours, Samples.snapshot(ours));
    Samples.writeEmpty(store, ours);

    assertThat(store.cleanUp(lease)).isEqualTo(new CleanUp(List.of(), List.of()));
    target.age("");
    assertThat(store.cleanUp(lease).removed()).as("our lease looks as old as the rest").isEmpty();

    target = new FaultyTarget(sound);
    target.age(TWO.toString());
    target.age(ONE.toString());
    target.age(buried.toString());
    target.age("notes");
    target.age("copy");
    target.age("image.json");
    target.age("lease.backup");
    lease.release();
    ImageStore last = open().image(Samples.IMAGE);
    Lease lastLease = last.acquireLease();
    assertThat(lastLease.inherited()).extracting(PendingPoint::point).containsExactly(ours);
    assertThat(last.cleanUp(lastLease).removed())
        .map(name -> name.substring(name.lastIndexOf('/') + 1))
        .containsExactlyInAnyOrder(
            PointNames.data(TWO),
            PointNames.sums(TWO),
            PointNames.manifest(buried),
            PointNames.data(ours),
            PointNames.sums(ours));
    assertThat(last.points().points()).extracting(Manifest::id).containsExactly(ONE);
    assertThat(last.cleanUp(lastLease).removed()).isEmpty();
  }

  @Test
  void aDiscardedRestorePointLeavesNothingAndACommittedOneStays() {
    ImageStore store = open().image(Samples.IMAGE);
    Lease lease = store.acquireLease();
    Samples.backUp(store, lease, ONE);
    lease.intend(TWO, Samples.snapshot(TWO));
    store.begin(TWO).close();
    store.discard(TWO, lease);
    lease.forgetPending(List.of(Samples.snapshot(TWO)));
    assertFails(ErrorCode.REFUSED, () -> store.discard(ONE, lease));
    lease.release();
    Lease next = store.acquireLease();
    assertThat(next.inherited()).isEmpty();
    assertThat(target.list("images/" + store.imageId() + "/" + TWO)).isEmpty();
    store.openData(store.point(ONE)).close();
  }

  @Test
  void theDigestCoversWhatTheSumsDoNot() throws IOException {
    byte[] plain = {1, 2, 3};
    byte[] packed = {4, 5};
    byte[] table = {6};
    byte[] header = {7, 8};
    try (ObjectOutput file = new DirectoryTarget(parent).create("x")) {
      DigestingOutput output = new DigestingOutput(file);
      output.reserveHeader(2);
      output.append(
          java.nio.ByteBuffer.wrap(plain), dev.kedge.qcow2.AppendOutput.Part.PLAIN_CLUSTERS);
      output.append(
          java.nio.ByteBuffer.wrap(packed), dev.kedge.qcow2.AppendOutput.Part.COMPRESSED_CLUSTERS);
      output.append(java.nio.ByteBuffer.wrap(table), dev.kedge.qcow2.AppendOutput.Part.TABLES);
      output.writeHeader(java.nio.ByteBuffer.wrap(header));
      assertThat(output.tablesDigest()).isEqualTo(Checksummer.of(new byte[] {4, 5, 6, 7, 8}));
      assertThat(output.lengthBytes()).isEqualTo(8).isEqualTo(file.lengthBytes());
      assertThat(output.bytes(dev.kedge.qcow2.AppendOutput.Part.COMPRESSED_CLUSTERS)).isEqualTo(2);
    }
    assertThat(Files.readAllBytes(parent.resolve("x"))).containsExactly(7, 8, 1, 2, 3, 4, 5, 6);
  }
}
