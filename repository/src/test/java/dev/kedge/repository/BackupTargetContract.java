package dev.kedge.repository;

import static dev.kedge.repository.Failures.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.qcow2.AppendOutput.Part;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every kind of target promises. */
abstract class BackupTargetContract {
  BackupTarget target;

  /** A target in a place of its own that is there, with nothing in it. */
  abstract BackupTarget newTarget();

  @BeforeEach
  void createTarget() {
    target = newTarget();
    target.createLocation();
  }

  @Test
  void aDataObjectHasItsHeaderAndWhatWasAppended() {
    try (ObjectOutput output = target.create("images/a/x.qcow2")) {
      output.reserveHeader(4);
      output.append(ByteBuffer.wrap("data".getBytes(UTF_8)), Part.PLAIN_CLUSTERS);
      output.append(
          ByteBuffer.allocateDirect(3).put(new byte[] {'e', 'n', 'd'}).flip(), Part.TABLES);
      output.writeHeader(ByteBuffer.wrap("HEAD".getBytes(UTF_8)));
      assertThat(output.lengthBytes()).isEqualTo(11);
      output.flush();
    }
    assertThat(text("images/a/x.qcow2")).isEqualTo("HEADdataend");
    try (ObjectInput input = target.open("images/a/x.qcow2")) {
      ByteBuffer part = ByteBuffer.allocate(4);
      input.readFully(4, part);
      assertThat(new String(part.array(), UTF_8)).isEqualTo("data");
      assertThat(input.lengthBytes()).isEqualTo(11);
      assertFails(ErrorCode.VERIFICATION_FAILED, () -> input.readFully(8, ByteBuffer.allocate(4)));
    }
  }

  @Test
  void largeHeapAndDirectBuffersArriveWhole() {
    byte[] bytes = new byte[1_000_003];
    new java.util.Random(3).nextBytes(bytes);
    try (ObjectOutput output = target.create("big")) {
      output.append(ByteBuffer.wrap(bytes), Part.PLAIN_CLUSTERS);
      output.append(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip(), Part.TABLES);
      output.flush();
    }
    byte[] both = target.readAll("big", 3_000_000);
    assertThat(java.util.Arrays.copyOf(both, bytes.length)).isEqualTo(bytes);
    assertThat(java.util.Arrays.copyOfRange(both, bytes.length, both.length)).isEqualTo(bytes);
  }

  @Test
  void onlyTheFirstPutWins() {
    assertThat(target.putIfAbsent("images/a/m.json", bytes("one"))).isTrue();
    assertThat(target.putIfAbsent("images/a/m.json", bytes("two"))).isFalse();
    assertThat(target.putIfAbsent("images/a/m.json", bytes("one"))).isFalse();
    assertThat(text("images/a/m.json")).isEqualTo("one");
  }

  @Test
  void deletingTwiceIsNoFailure() {
    target.putIfAbsent("a/x", bytes("1"));
    target.delete("a/x");
    target.delete("a/x");
    target.delete("never/was");
    assertThat(target.exists("a/x")).isFalse();
  }

  @Test
  void aListingShowsTheObjectsOfOneFolderByPrefix() {
    for (String name : List.of("i/a/lease.2", "i/a/lease.1", "i/a/x", "i/b/y", "z")) {
      target.putIfAbsent(name, bytes(name));
    }
    assertThat(target.list("i/a/"))
        .extracting(StoredObject::name)
        .containsExactly("i/a/lease.1", "i/a/lease.2", "i/a/x");
    assertThat(target.list("i/a/lease."))
        .extracting(StoredObject::baseName)
        .containsExactly("lease.1", "lease.2");
    assertThat(target.list("i/a/x")).extracting(StoredObject::lengthBytes).containsExactly(5L);
    assertThat(target.list("i/")).isEmpty();
    assertThat(target.list("nothing/")).isEmpty();
    assertThat(target.folders("i/")).containsExactly("a", "b");
    assertThat(target.folders("")).containsExactly("i");
    assertThat(target.folders("nothing/")).isEmpty();
  }

  @Test
  void anObjectThatIsTooLongIsNotRead() {
    target.putIfAbsent("x", new byte[100]);
    assertFails(ErrorCode.VERIFICATION_FAILED, () -> target.readAll("x", 99));
    assertThat(target.readAll("x", 100)).hasSize(100);
  }

  @Test
  void anInterruptedThreadIsToldSo() {
    Thread.currentThread().interrupt();
    try {
      assertFails(ErrorCode.INTERRUPTED, () -> target.putIfAbsent("x", bytes("1")));
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(target.exists("x")).isFalse();
  }

  @Test
  void ofManyConcurrentWritersOneWins() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
      for (int round = 0; round < 12; round++) {
        String name = "r" + round;
        List<Callable<Boolean>> contenders = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
          byte[] mine = bytes("contender " + i);
          contenders.add(() -> target.putIfAbsent(name, mine));
        }
        List<Integer> winners = new ArrayList<>();
        List<Future<Boolean>> results = threads.invokeAll(contenders);
        for (int i = 0; i < results.size(); i++) {
          if (results.get(i).get()) {
            winners.add(i);
          }
        }
        assertThat(winners).as("round %d", round).hasSize(1);
        assertThat(text(name)).isEqualTo("contender " + winners.getFirst());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 65_536, 8 << 20, (8 << 20) + 1, (24 << 20) - 1, 24 << 20, 30_000_001})
  void anObjectOfAnyLengthIsReadBackAnywhere(int lengthBytes) {
    byte[] bytes = new byte[lengthBytes];
    Random random = new Random(lengthBytes);
    random.nextBytes(bytes);
    int headerBytes = Math.min(lengthBytes, 2 << 20);
    try (ObjectOutput output = target.create("images/a/object")) {
      output.reserveHeader(headerBytes);
      for (int at = headerBytes; at < lengthBytes; ) {
        int count = Math.min(lengthBytes - at, 1 + random.nextInt(3 << 20));
        output.append(ByteBuffer.wrap(bytes, at, count), Part.PLAIN_CLUSTERS);
        at += count;
      }
      output.writeHeader(ByteBuffer.wrap(bytes, 0, headerBytes));
      assertThat(output.lengthBytes()).isEqualTo(lengthBytes);
      output.flush();
    }
    assertThat(target.length("images/a/object")).hasValue(lengthBytes);
    try (ObjectInput input = target.open("images/a/object")) {
      assertThat(input.lengthBytes()).isEqualTo(lengthBytes);
      for (int i = 0; i < 60; i++) {
        int count = random.nextInt(1 + Math.min(lengthBytes, i % 3 == 0 ? 3 << 20 : 5000));
        int at = random.nextInt(lengthBytes - count + 1);
        assertThat(read(input, at, count)).isEqualTo(ByteBuffer.wrap(bytes, at, count));
      }
      assertThat(read(input, 0, lengthBytes)).isEqualTo(ByteBuffer.wrap(bytes));
      assertFails(
          ErrorCode.VERIFICATION_FAILED,
          () -> input.readFully(lengthBytes, ByteBuffer.allocate(1)));
    }
  }

  @Test
  void severalThreadsReadOneObject() throws Exception {
    byte[] bytes = new byte[9 << 20];
    new Random(9).nextBytes(bytes);
    write("object", bytes);
    try (ObjectInput input = target.open("object");
        ExecutorService threads = Executors.newFixedThreadPool(6)) {
      List<Callable<Boolean>> readers = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        Random random = new Random(i);
        readers.add(() -> {
          for (int at = random.nextInt(1 << 20); at < bytes.length; ) {
            int count = Math.min(bytes.length - at, 1 + random.nextInt(60_000));
            if (!read(input, at, count).equals(ByteBuffer.wrap(bytes, at, count))) {
              return false;
            }
            at += count;
          }
          return true;
        });
      }
      for (Future<Boolean> reader : threads.invokeAll(readers)) {
        assertThat(reader.get()).isTrue();
      }
    }
  }

  @Test
  void whatReplacesAnObjectIsWhole() {
    write("x", new byte[100_000]);
    target.replace("x", bytes("short"));
    assertThat(text("x")).isEqualTo("short");
    target.create("x").close();
    assertThat(target.exists("x") ? text("x") : "").as("a writer that gave up").isEmpty();
  }

  @Test
  void anEmptyPlaceIsEmptyUntilSomethingIsInIt() {
    assertThat(target.isEmpty()).isTrue();
    assertThat(target.examine()).isNotNull();
    assertThat(target.isEmpty()).as("after it was examined").isTrue();
    target.putIfAbsent("a/b/c", bytes("1"));
    assertThat(target.isEmpty()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/etc/x", "..", "a/../b", "a//b", "a/", ".hidden", "a/.tmp-1", "ä"})
  void aNameThatIsNoneIsRefused(String name) {
    assertFails(ErrorCode.REFUSED, () -> target.readAll(name, 10));
    assertFails(ErrorCode.REFUSED, () -> target.open(name));
    assertFails(ErrorCode.REFUSED, () -> target.create(name));
    assertFails(ErrorCode.REFUSED, () -> target.delete(name));
    assertFails(ErrorCode.REFUSED, () -> target.replace(name, bytes("1")));
    assertFails(ErrorCode.REFUSED, () -> target.putIfAbsent(name, bytes("1")));
    assertThat(target.isEmpty()).isTrue();
  }

  @Test
  void whatIsWrittenNowIsYoungByTheTargetsClock() {
    target.replace("one", bytes("1"));
    Instant one = target.list("").getFirst().modifiedAt();
    write("two", new byte[9 << 20]);
    Instant two = target.list("two").getFirst().modifiedAt();
    assertThat(two).isBetween(one.minusSeconds(2), one.plus(Duration.ofMinutes(2)));
  }

  @Test
  void aMissingObjectIsToldAsMissing() {
    assertFails(ErrorCode.NOT_FOUND, () -> target.readAll("a/x", 10));
    assertFails(ErrorCode.NOT_FOUND, () -> target.open("a/x"));
    assertThat(target.exists("a/x")).isFalse();
    assertThat(target.length("a/x")).isEmpty();
  }

  final void write(String name, byte[] bytes) {
    try (ObjectOutput output = target.create(name)) {
      output.append(ByteBuffer.wrap(bytes), Part.PLAIN_CLUSTERS);
      output.flush();
    }
  }

  static ByteBuffer read(ObjectInput input, long position, int lengthBytes) {
    ByteBuffer into =
        lengthBytes % 2 == 0
            ? ByteBuffer.allocate(lengthBytes)
            : ByteBuffer.allocateDirect(lengthBytes);
    input.readFully(position, into);
    assertThat(into.hasRemaining()).isFalse();
    return into.flip();
  }

  final String text(String name) {
    return new String(target.readAll(name, 1 << 20), UTF_8);
  }

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
