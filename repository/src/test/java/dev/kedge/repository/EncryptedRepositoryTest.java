package dev.kedge.repository;

import static dev.kedge.repository.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.crypt.EncryptedTarget;
import dev.kedge.repository.crypt.KeySlots;
import dev.kedge.repository.crypt.Passphrase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

class EncryptedRepositoryTest {
  private static final Passphrase FIRST = Passphrase.of("the first passphrase");
  private static final Passphrase OTHER = Passphrase.of("anöther");

  @TempDir Path root;
  DirectoryTarget place;
  RepositoryInfo info;

  @BeforeEach
  void create() {
    place = new DirectoryTarget(root);
    info = make(place);
  }

  private static RepositoryInfo make(BackupTarget place) {
    return Repository.create(
            place,
            fresh ->
                fresh.withEncryption(KeySlots.first(fresh.id(), FIRST, "first", fresh.createdAt())))
        .info();
  }

  private Repository open(BackupTarget through, Passphrase passphrase) {
    return Repository.open(KeySlots.unlock(through, () -> passphrase));
  }

  private KeySlot slot(Passphrase passphrase) {
    return KeySlots.wrap(
        KeySlots.open(info, FIRST, "here").key(), info.id(), 2, passphrase, "2", Instant.EPOCH);
  }

  @Test
  void whatIsWrittenIsReadWithThePassphrase() {
    ImageStore store = open(place, FIRST).image(Samples.IMAGE);
    try (Lease lease = store.acquireLease()) {
      Samples.backUp(store, lease, Samples.point(1));
    }
    Repository again = open(new DirectoryTarget(root), FIRST);
    assertThat(again.isEncrypted()).isTrue();
    assertThat(again.findPoint(Samples.point(1).toString()).manifest().image().identity())
        .isEqualTo(Samples.IMAGE);
  }

  @Test
  void theNameOfAnImageIsNowhereInPlain() throws IOException {
    ImageStore store = open(place, FIRST).image(Samples.IMAGE);
    try (Lease lease = store.acquireLease()) {
      Samples.backUp(store, lease, Samples.point(1));
    }
    try (var files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1))
            .as("%s", file)
            .doesNotContain("volume-1", "the first passphrase");
      }
    }
  }

  @Test
  void aWrongPassphraseIsSaidToBe() {
    assertThat(assertFails(ErrorCode.AUTHENTICATION_FAILED, () -> open(place, OTHER)))
        .hasMessageContaining("Wrong passphrase")
        .hasMessageContaining(root.toString());
  }

  @Test
  void withoutAKeyItIsNotOpened() {
    assertFails(ErrorCode.AUTHENTICATION_FAILED, () -> Repository.open(place));
    assertFails(ErrorCode.AUTHENTICATION_FAILED, () -> Repository.openOrCreate(place));
  }

  @Test
  void aPlainOneNeedsNone() {
    DirectoryTarget plain = new DirectoryTarget(root.resolve("plain"));
    assertThat(
            KeySlots.unlock(
                plain,
                () -> {
                  throw new AssertionError("nothing is encrypted");
                }))
        .isSameAs(plain);
    Repository.openOrCreate(plain);
    BackupTarget pretended = Encrypting.target(plain);
    assertFails(ErrorCode.REFUSED, () -> Repository.open(pretended));
  }

  @Test
  void eachSlotOpensItUntilItIsRemoved() {
    Repository repository = open(place, FIRST);
    repository.changeKeySlots(e -> e.withSlot(slot(OTHER)));
    assertThat(open(place, OTHER).info().id()).isEqualTo(info.id());
    open(place, FIRST);
    repository.changeKeySlots(e -> e.withoutSlot(1));
    open(place, OTHER);
    assertFails(ErrorCode.AUTHENTICATION_FAILED, () -> open(place, FIRST));
    assertThat(
            assertFails(ErrorCode.REFUSED, () -> repository.changeKeySlots(e -> e.withoutSlot(2))))
        .hasMessageContaining("last");
    assertFails(ErrorCode.NOT_FOUND, () -> repository.changeKeySlots(e -> e.withoutSlot(9)));
    open(place, OTHER);
  }

  @Test
  void aSlotIsOfItsRepositoryAlone() {
    DirectoryTarget elsewhere = new DirectoryTarget(root.resolve("other"));
    RepositoryInfo other = make(elsewhere);
    KeySlot stolen = java.util.Objects.requireNonNull(info.encryption()).slots().getFirst();
    RepositoryInfo mixed =
        other.withEncryption(
            new Encryption(Encryption.CIPHER, EncryptedTarget.FRAME_BYTES, List.of(stolen)));
    assertFails(ErrorCode.AUTHENTICATION_FAILED, () -> KeySlots.open(mixed, FIRST, "there"));
  }

  @Test
  void whatALaterKedgeWroteIsKept() {
    ObjectNode later = SealedJson.unseal(place.readAll("kedge.json", 1 << 20), "kedge.json");
    later.put("colour", "blue");
    ((ObjectNode) later.get("options")).put("conditionalPut", "yes").putObject("deep").put("x", 1);
    place.replace("kedge.json", SealedJson.seal(later));
    open(place, FIRST).changeKeySlots(e -> e.withSlot(slot(OTHER)));
    ObjectNode now = SealedJson.unseal(place.readAll("kedge.json", 1 << 20), "kedge.json");
    assertThat(now.get("colour").stringValue()).isEqualTo("blue");
    assertThat(now.get("options").get("conditionalPut").stringValue()).isEqualTo("yes");
    assertThat(now.get("options").get("deep").get("x").intValue()).isEqualTo(1);
    assertThat(now.get("options").get("encryption").get("slots")).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "formatVersion 3",
        "cipher",
        "kdf",
        "no encryption",
        "no slots",
        "salt",
        "memory",
        "byte"
      })
  void aDamagedOrLaterDescriptionIsToldApart(String what) {
    byte[] bytes = place.readAll("kedge.json", 1 << 20);
    ObjectNode json = SealedJson.unseal(bytes, "kedge.json");
    ObjectNode options = (ObjectNode) json.get("options");
    ObjectNode encryption = (ObjectNode) options.get("encryption");
    ObjectNode slot = (ObjectNode) encryption.get("slots").get(0);
    ErrorCode expected = ErrorCode.VERIFICATION_FAILED;
    switch (what) {
      case "formatVersion 3" -> {
        json.put("formatVersion", 3);
        expected = ErrorCode.REFUSED;
      }
      case "cipher" -> {
        encryption.put("cipher", "rot13");
        expected = ErrorCode.REFUSED;
      }
      case "kdf" -> {
        slot.put("kdf", "barbican");
        expected = ErrorCode.REFUSED;
      }
      case "no encryption" -> options.remove("encryption");
      case "no slots" -> encryption.putArray("slots");
      case "salt" -> slot.put("salt", "0123");
      case "memory" -> slot.put("memoryKib", Integer.MAX_VALUE);
      default -> {}
    }
    byte[] changed = SealedJson.seal(json);
    if (what.equals("byte")) {
      changed[changed.length / 2] ^= 1;
    }
    place.replace("kedge.json", changed);
    assertThat(assertFails(expected, () -> open(place, FIRST))).hasMessageContaining("kedge.json");
    place.replace("kedge.json", bytes);
    open(place, FIRST);
  }

  @Test
  void aLostOrDamagedDescriptionPointsToItsCopy() {
    open(place, FIRST).changeKeySlots(e -> e.withSlot(slot(OTHER)));
    byte[] bytes = place.readAll("kedge.json", 1 << 20);
    byte[] flipped = bytes.clone();
    flipped[100] ^= 1;
    for (boolean lost : List.of(true, false)) {
      if (lost) {
        place.delete("kedge.json");
      } else {
        place.replace("kedge.json", flipped);
      }
      assertThat(assertFails(ErrorCode.VERIFICATION_FAILED, () -> open(place, FIRST)))
          .hasMessageContaining("keys/kedge.json");
      assertFails(ErrorCode.VERIFICATION_FAILED, () -> make(place));
      place.replace("kedge.json", place.readAll("keys/kedge.json", 1 << 20));
      open(place, OTHER);
    }
    place.delete("keys/kedge.json");
    place.delete("kedge.json");
    assertFails(ErrorCode.NOT_FOUND, () -> open(place, FIRST));
  }

  @Test
  void changesAtOnceAreAllThereOrRefused() throws Exception {
    Repository repository = open(place, FIRST);
    KeySlot made = slot(OTHER);
    int added = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Callable<Boolean>> changes = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        changes.add(() -> {
          try {
            repository.changeKeySlots(e -> e.withSlot(made.withId(e.nextSlot())));
            return true;
          } catch (KedgeException e) {
            assertThat(e.code()).as("%s", e).isEqualTo(ErrorCode.BUSY);
            return false;
          }
        });
      }
      for (Future<Boolean> change : threads.invokeAll(changes)) {
        added += change.get() ? 1 : 0;
      }
    }
    RepositoryInfo now = RepositoryInfo.read(place).orElseThrow();
    List<Integer> ids =
        java.util.Objects.requireNonNull(now.encryption()).slots().stream()
            .map(KeySlot::id)
            .toList();
    assertThat(added).isPositive();
    assertThat(ids).hasSize(1 + added).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aChangeThatDiesAnywhereLeavesTheOldSlotsOrTheNew(boolean afterEffect) {
    KeySlot added = slot(OTHER);
    for (int k = 1; ; k++) {
      DirectoryTarget fresh = new DirectoryTarget(root.resolve("k" + k));
      fresh.createLocation();
      fresh.putIfAbsent("kedge.json", info.toBytes());
      FaultyTarget faulty = new FaultyTarget(fresh, k, afterEffect);
      FakeProcess dying = FakeProcess.on("here");
      FakeTime time = new FakeTime();
      try {
        Repository.open(unlocked(faulty), dying.context(time))
            .changeKeySlots(e -> e.withSlot(added));
      } catch (KedgeException e) {
        assertThat(e).hasMessage("crashed");
      }
      dying.die();
      RepositoryInfo left = RepositoryInfo.read(fresh).orElseThrow();
      assertThat(java.util.Objects.requireNonNull(left.encryption()).slots())
          .as("crash at %d", k)
          .isIn(
              List.of(java.util.Objects.requireNonNull(info.encryption()).slots().getFirst()),
              java.util.Objects.requireNonNull(info.encryption()).withSlot(added).slots());
      RepositoryInfo next =
          Repository.open(unlocked(fresh), FakeProcess.on("here").context(time))
              .changeKeySlots(e -> e.withSlot(added.withId(e.nextSlot())));
      assertThat(java.util.Objects.requireNonNull(next.encryption()).slots().size())
          .isBetween(2, 3);
      if (!faulty.crashed()) {
        assertThat(k).isGreaterThan(3);
        return;
      }
    }
  }

  private BackupTarget unlocked(BackupTarget lower) {
    return new EncryptedTarget(
        lower, KeySlots.open(info, FIRST, "here").key(), EncryptedTarget.FRAME_BYTES);
  }
}
