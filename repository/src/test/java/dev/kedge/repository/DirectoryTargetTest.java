package dev.kedge.repository;

import static dev.kedge.repository.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.qcow2.AppendOutput.Part;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
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

class DirectoryTargetTest extends BackupTargetContract {
  @TempDir Path parent;
  Path root;
  DirectoryTarget target;

  @BeforeEach
  void create() {
    root = parent.resolve("target");
    target = new DirectoryTarget(root);
    target.createLocation();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void ofManyConcurrentPutsOneWins(boolean hardLinks) throws Exception {
    DirectoryTarget shared =
        new DirectoryTarget(root, hardLinks ? new FileOperations() : new NoHardLinks());
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (int round = 0; round < 40; round++) {
        String name = "r" + round;
        List<Callable<Boolean>> contenders = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          byte[] mine = bytes("contender " + i);
          contenders.add(() -> shared.putIfAbsent(name, mine));
        }
        int winners = 0;
        for (Future<Boolean> result : threads.invokeAll(contenders)) {
          winners += result.get() ? 1 : 0;
        }
        assertThat(winners).as("round %d", round).isEqualTo(1);
        assertThat(text(name)).startsWith("contender ");
      }
    }
    assertThat(temporaries()).isEmpty();
  }

  /** FAT answers EPERM, other file systems EOPNOTSUPP. */
  private static final class NoHardLinks extends FileOperations {
    @Override
    void link(Path name, Path existing) throws IOException {
      throw new FileSystemException(name.toString(), null, "Operation not permitted");
    }
  }

  @Test
  void aLinkThatFailsOtherwiseIsNotReplacedByTheLock() {
    DirectoryTarget failing =
        new DirectoryTarget(
            root,
            new FileOperations() {
              @Override
              void link(Path name, Path existing) throws IOException {
                throw new FileSystemException(name.toString(), null, "Input/output error");
              }
            });
    assertThat(
            assertFails(
                ErrorCode.TARGET_UNREACHABLE, () -> failing.putIfAbsent("x", bytes("mine"))))
        .hasMessageContaining("Input/output error");
    assertThat(target.exists("x")).isFalse();
  }

  @Test
  void aLinkWhoseAnswerNfsLostIsStillOurs() {
    DirectoryTarget nfs =
        new DirectoryTarget(
            root,
            new FileOperations() {
              @Override
              void link(Path name, Path existing) throws IOException {
                super.link(name, existing);
                throw new FileAlreadyExistsException(name.toString());
              }
            });
    assertThat(nfs.putIfAbsent("x", bytes("mine"))).isTrue();
    assertThat(text("x")).isEqualTo("mine");
  }

  @Test
  void aRenameWhoseAnswerNfsLostIsDone() {
    DirectoryTarget nfs =
        new DirectoryTarget(
            root,
            new FileOperations() {
              @Override
              void rename(Path from, Path to) throws IOException {
                super.rename(from, to);
                super.rename(from, to);
              }
            });
    nfs.replace("x", bytes("mine"));
    assertThat(text("x")).isEqualTo("mine");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCrashAtAnyStepOfAPutLeavesAllOrNothing(boolean afterEffect) throws IOException {
    for (int k = 1; ; k++) {
      CrashingFiles files = new CrashingFiles(k, afterEffect);
      DirectoryTarget crashing = new DirectoryTarget(root, files);
      String name = "put" + k + "/x";
      try {
        crashing.putIfAbsent(name, bytes("whole"));
      } catch (RuntimeException e) {
        // What it left is looked at below.
      }
      if (target.exists(name)) {
        assertThat(text(name)).as("crash at %d", k).isEqualTo("whole");
        assertThat(target.putIfAbsent(name, bytes("other"))).isFalse();
      } else {
        assertThat(target.list("put" + k + "/")).as("crash at %d", k).isEmpty();
        assertThat(target.putIfAbsent(name, bytes("other"))).isTrue();
      }
      if (!files.crashed()) {
        assertThat(k).isGreaterThan(5);
        return;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCrashAtAnyStepOfAReplaceLeavesOldOrNew(boolean afterEffect) {
    for (int k = 1; ; k++) {
      target.replace("x", bytes("old"));
      CrashingFiles files = new CrashingFiles(k, afterEffect);
      boolean done = false;
      try {
        new DirectoryTarget(root, files).replace("x", bytes("new"));
        done = true;
      } catch (RuntimeException e) {
        // What it left is looked at below.
      }
      assertThat(text("x"))
          .as("crash at %d", k)
          .isIn(done ? List.of("new") : List.of("old", "new"));
      if (!files.crashed()) {
        assertThat(k).isGreaterThan(3);
        return;
      }
    }
  }

  @Override
  BackupTarget target() {
    return target;
  }

  @Test
  void whatKilledWritersLeftIsSweptWhenOldAndNeverShown() {
    Path leftover = root.resolve(".tmp-0");
    write(leftover);
    assertThat(target.list("")).isEmpty();
    assertThat(target.isEmpty()).isTrue();
    assertThat(target.sweep("", Instant.now().minus(Duration.ofHours(1)))).isEmpty();
    assertThat(leftover).exists();
    assertThat(target.sweep("", Instant.now().plus(Duration.ofHours(1)))).containsExactly(".tmp-0");
    assertThat(leftover).doesNotExist();
    assertThat(target.sweep("missing/", Instant.now())).isEmpty();
  }

  @Test
  void aCopyWithOldTimesIsYoung() throws IOException {
    target.putIfAbsent("x", bytes("1"));
    Instant before = Instant.now().minusSeconds(60);
    Files.setLastModifiedTime(root.resolve("x"), FileTime.from(Instant.EPOCH));
    assertThat(target.list("").getFirst().modifiedAt()).isAfter(before);
  }

  @Test
  void onlyTheOwnerMayReadFilesAndFolders() throws IOException {
    target.putIfAbsent("a/x", bytes("1"));
    target.replace("a/y", bytes("1"));
    target.create("a/z").close();
    for (String file : List.of("a/x", "a/y", "a/z")) {
      assertThat(mode(root.resolve(file))).isEqualTo("rw-------");
    }
    assertThat(mode(root)).isEqualTo("rwx------");
    assertThat(mode(root.resolve("a"))).isEqualTo("rwx------");
  }

  @Test
  void aMissingObjectIsNotAMissingTarget() throws IOException {
    assertFails(ErrorCode.NOT_FOUND, () -> target.readAll("x", 10));
    assertFails(ErrorCode.NOT_FOUND, () -> target.open("a/x"));
    assertThat(target.exists("x")).isFalse();
    Files.delete(root);
    List<org.assertj.core.api.ThrowableAssert.ThrowingCallable> calls =
        List.of(
            () -> target.readAll("x", 10),
            () -> target.open("a/x"),
            () -> target.create("a/x"),
            () -> target.putIfAbsent("a/x", bytes("1")),
            () -> target.replace("x", bytes("1")),
            () -> target.delete("x"),
            () -> target.list("a/"),
            () -> target.folders(""),
            () -> target.exists("x"),
            () -> target.isEmpty());
    for (var call : calls) {
      assertFails(ErrorCode.TARGET_UNREACHABLE, call);
    }
    assertThat(root).as("an unmounted target must not come back").doesNotExist();
  }

  @Test
  void aTargetIsNotMadeInAMissingDirectory() {
    DirectoryTarget deep = new DirectoryTarget(parent.resolve("no/such/target"));
    assertThat(assertFails(ErrorCode.TARGET_UNREACHABLE, deep::createLocation))
        .hasMessageContaining("no/such/target");
  }

  @Test
  void aFullTargetIsToldAsFullAndKeepsWhatWasThere() throws IOException {
    Path mounted = parent.resolve("small");
    try (Tmpfs _ = new Tmpfs(mounted, 1024)) {
      DirectoryTarget small = new DirectoryTarget(mounted);
      small.replace("old", bytes("old"));
      byte[] large = new byte[2 << 20];
      assertThat(assertFails(ErrorCode.TARGET_FULL, () -> append(small, ByteBuffer.wrap(large))))
          .hasMessageContaining(mounted.toString());
      assertFails(ErrorCode.TARGET_FULL, () -> small.putIfAbsent("new", large));
      assertFails(ErrorCode.TARGET_FULL, () -> small.replace("old", large));
      assertThat(small.exists("new")).isFalse();
      assertThat(small.readAll("old", 10)).isEqualTo(bytes("old"));
      small.delete("data");
      assertThat(small.putIfAbsent("new", new byte[1000])).isTrue();
      assertThat(small.list("")).extracting(StoredObject::name).containsExactly("new", "old");
    }
  }

  @Test
  void aTargetThatBecameReadOnlyIsUnreachableAndNotFull() throws IOException {
    Path mounted = parent.resolve("small");
    try (Tmpfs tmpfs = new Tmpfs(mounted, 8192)) {
      DirectoryTarget small = new DirectoryTarget(mounted);
      small.replace("old", bytes("old"));
      tmpfs.makeReadOnly();
      assertFails(ErrorCode.TARGET_UNREACHABLE, () -> small.replace("old", bytes("new")));
      assertFails(ErrorCode.TARGET_UNREACHABLE, () -> small.create("x"));
      assertFails(ErrorCode.TARGET_UNREACHABLE, () -> small.delete("old"));
      assertThat(small.readAll("old", 10)).isEqualTo(bytes("old"));
    }
  }

  private static void append(BackupTarget target, ByteBuffer bytes) {
    try (ObjectOutput output = target.create("data")) {
      output.append(bytes, Part.PLAIN_CLUSTERS);
    }
  }

  @Test
  void aFailureInTheBackgroundIsNotForgotten() throws IOException {
    FileChannel channel = FileChannel.open(Files.createFile(parent.resolve("f")));
    BackgroundSync sync = new BackgroundSync(channel);
    channel.close();
    sync.written(1L << 30);
    org.assertj.core.api.Assertions.assertThatThrownBy(sync::finish)
        .isInstanceOf(IOException.class);
    org.assertj.core.api.Assertions.assertThatThrownBy(sync::throwIfFailed)
        .isInstanceOf(IOException.class);
    sync.close();
  }

  private List<Path> temporaries() throws IOException {
    try (var entries = Files.list(root)) {
      return entries.filter(p -> p.getFileName().toString().startsWith(".tmp-")).toList();
    }
  }

  private static void write(Path file) {
    try {
      Files.write(file, new byte[] {1});
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
