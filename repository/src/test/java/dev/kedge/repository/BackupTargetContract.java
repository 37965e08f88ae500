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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every backup target promises. */
abstract class BackupTargetContract {
  /** A target whose place has been made, and holds nothing. */
  abstract BackupTarget target();

  @Test
  void aDataObjectHasItsHeaderAndWhatWasAppended() {
    try (ObjectOutput output = target().create("images/a/x.qcow2")) {
      output.reserveHeader(4);
      output.append(ByteBuffer.wrap("data".getBytes(UTF_8)), Part.PLAIN_CLUSTERS);
      output.append(
          ByteBuffer.allocateDirect(3).put(new byte[] {'e', 'n', 'd'}).flip(), Part.TABLES);
      output.writeHeader(ByteBuffer.wrap("HEAD".getBytes(UTF_8)));
      assertThat(output.lengthBytes()).isEqualTo(11);
      output.flush();
    }
    assertThat(text("images/a/x.qcow2")).isEqualTo("HEADdataend");
    try (ObjectInput input = target().open("images/a/x.qcow2")) {
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
    try (ObjectOutput output = target().create("big")) {
      output.append(ByteBuffer.wrap(bytes), Part.PLAIN_CLUSTERS);
      output.append(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip(), Part.TABLES);
      output.flush();
    }
    byte[] both = target().readAll("big", 3_000_000);
    assertThat(java.util.Arrays.copyOf(both, bytes.length)).isEqualTo(bytes);
    assertThat(java.util.Arrays.copyOfRange(both, bytes.length, both.length)).isEqualTo(bytes);
  }

  @Test
  void aHalfWrittenObjectIsReplacedByTheNextOneAndOutOfItsWritersReach() {
    ObjectOutput stale = target().create("x");
    stale.append(ByteBuffer.wrap("stale".getBytes(UTF_8)), Part.TABLES);
    try (ObjectOutput fresh = target().create("x")) {
      fresh.append(ByteBuffer.wrap("new".getBytes(UTF_8)), Part.TABLES);
      fresh.flush();
    }
    stale.append(ByteBuffer.wrap("more".getBytes(UTF_8)), Part.TABLES);
    stale.close();
    assertThat(text("x")).isEqualTo("new");
  }

  @Test
  void aReplacementTakesTheOldOnesPlaceWhenItIsFlushedAndNotBefore() {
    put("a/x", "old");
    for (int lengthBytes : new int[] {0, 5, 7 << 20}) {
      byte[] bytes = new byte[lengthBytes];
      new Random(lengthBytes).nextBytes(bytes);
      String before = text("a/x");
      try (ObjectOutput abandoned = target().createReplacement("a/x")) {
        abandoned.append(ByteBuffer.wrap(bytes), Part.TABLES);
      }
      assertThat(text("a/x")).isEqualTo(before);
      try (ObjectOutput output = target().createReplacement("a/x")) {
        output.reserveHeader(4);
        output.append(ByteBuffer.wrap(bytes), Part.TABLES);
        output.writeHeader(ByteBuffer.wrap(bytes("HEAD")));
        assertThat(text("a/x")).isEqualTo(before);
        output.flush();
      }
      byte[] found = target().readAll("a/x", 8 << 20);
      assertThat(new String(found, 0, 4, UTF_8)).isEqualTo("HEAD");
      assertThat(java.util.Arrays.copyOfRange(found, 4, found.length)).isEqualTo(bytes);
    }
    assertThat(target().list("a/")).hasSize(1);
  }

  private void put(String name, String text) {
    try (ObjectOutput output = target().create(name)) {
      output.append(ByteBuffer.wrap(bytes(text)), Part.TABLES);
      output.flush();
    }
  }

  @Test
  void onlyTheFirstPutWins() {
    assertThat(target().putIfAbsent("images/a/m.json", bytes("one"))).isTrue();
    assertThat(target().putIfAbsent("images/a/m.json", bytes("two"))).isFalse();
    assertThat(target().putIfAbsent("images/a/m.json", bytes("one"))).isFalse();
    assertThat(text("images/a/m.json")).isEqualTo("one");
  }

  @Test
  void deletingTwiceIsNoFailure() {
    target().putIfAbsent("a/x", bytes("1"));
    target().delete("a/x");
    target().delete("a/x");
    target().delete("never/was");
    assertThat(target().exists("a/x")).isFalse();
  }

  @Test
  void aListingShowsTheObjectsOfOneFolderByPrefix() {
    for (String name : List.of("i/a/lease.2", "i/a/lease.1", "i/a/x", "i/b/y", "z")) {
      target().putIfAbsent(name, bytes(name));
    }
    assertThat(target().list("i/a/"))
        .extracting(StoredObject::name)
        .containsExactly("i/a/lease.1", "i/a/lease.2", "i/a/x");
    assertThat(target().list("i/a/lease."))
        .extracting(StoredObject::baseName)
        .containsExactly("lease.1", "lease.2");
    assertThat(target().list("i/a/x")).extracting(StoredObject::lengthBytes).containsExactly(5L);
    assertThat(target().list("i/")).isEmpty();
    assertThat(target().list("nothing/")).isEmpty();
    assertThat(target().folders("i/")).containsExactly("a", "b");
    assertThat(target().folders("")).containsExactly("i");
    assertThat(target().folders("nothing/")).isEmpty();
  }

  @Test
  void anObjectThatIsTooLongIsNotRead() {
    target().putIfAbsent("x", new byte[100]);
    assertFails(ErrorCode.VERIFICATION_FAILED, () -> target().readAll("x", 99));
    assertThat(target().readAll("x", 100)).hasSize(100);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "/etc/x", "..", "a/../b", "a//b", "a/", ".hidden", "a/.tmp-1", "a\nb", "ä"})
  void aNameThatCouldLeaveTheTargetIsRefused(String name) {
    assertFails(ErrorCode.REFUSED, () -> target().readAll(name, 10));
    assertFails(ErrorCode.REFUSED, () -> target().create(name));
    assertFails(ErrorCode.REFUSED, () -> target().delete(name));
    assertFails(ErrorCode.REFUSED, () -> target().putIfAbsent(name, bytes("1")));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4095, 4096, 4097, 65_535, 65_536, 65_537, 131_072, 1_000_003})
  void anObjectOfAnyLengthIsReadInAnyPieces(int lengthBytes) {
    byte[] content = new byte[lengthBytes];
    Random random = new Random(lengthBytes);
    random.nextBytes(content);
    write("any", content, random);
    assertThat(target().length("any")).hasValue(lengthBytes);
    assertThat(target().readAll("any", lengthBytes)).isEqualTo(content);
    try (ObjectInput input = target().open("any")) {
      assertThat(input.lengthBytes()).isEqualTo(lengthBytes);
      for (int i = 0; i < 200; i++) {
        int from = random.nextInt(lengthBytes + 1);
        int count = random.nextInt(Math.min(lengthBytes - from, 200_000) + 1);
        ByteBuffer part =
            i % 2 == 0 ? ByteBuffer.allocate(count) : ByteBuffer.allocateDirect(count);
        if (random.nextBoolean()) {
          input.readOnce(from, part);
        } else {
          input.readFully(from, part);
        }
        assertThat(part.flip()).isEqualTo(ByteBuffer.wrap(content, from, count));
      }
      assertFails(
          ErrorCode.VERIFICATION_FAILED,
          () -> input.readFully(lengthBytes, ByteBuffer.allocate(1)));
    }
  }

  /** Writes in pieces of all sizes, from the heap and off it. */
  private void write(String name, byte[] content, Random random) {
    try (ObjectOutput output = target().create(name)) {
      int at = 0;
      while (at < content.length) {
        int count = Math.min(content.length - at, 1 + random.nextInt(100_000));
        ByteBuffer piece = ByteBuffer.wrap(content, at, count);
        output.append(
            random.nextBoolean() ? piece : ByteBuffer.allocateDirect(count).put(piece).flip(),
            Part.PLAIN_CLUSTERS);
        at += count;
      }
      output.flush();
      assertThat(output.lengthBytes()).isEqualTo(content.length);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 4096, 16_384, 65_536, 131_072, 2 << 20})
  void aHeaderOfAnyLengthIsWrittenLast(int headerBytes) {
    byte[] header = new byte[headerBytes];
    Random random = new Random(headerBytes);
    random.nextBytes(header);
    for (int more : List.of(0, 1, 512, 65_536 - 512, 65_536, 200_000, 3 << 20)) {
      byte[] rest = new byte[more];
      random.nextBytes(rest);
      try (ObjectOutput output = target().create("x")) {
        output.reserveHeader(headerBytes);
        for (int at = 0; at < more; at += 70_000) {
          output.append(ByteBuffer.wrap(rest, at, Math.min(70_000, more - at)), Part.TABLES);
        }
        output.writeHeader(ByteBuffer.wrap(header));
        output.flush();
      }
      byte[] all = target().readAll("x", 8 << 20);
      assertThat(all).hasSize(headerBytes + more);
      assertThat(ByteBuffer.wrap(all, 0, headerBytes)).isEqualTo(ByteBuffer.wrap(header));
      assertThat(ByteBuffer.wrap(all, headerBytes, more)).isEqualTo(ByteBuffer.wrap(rest));
    }
  }

  @Test
  void anObjectCanBeReadByManyThreads() throws Exception {
    byte[] content = new byte[3_000_000];
    new Random(5).nextBytes(content);
    write("shared", content, new Random(6));
    try (ObjectInput input = target().open("shared");
        ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Callable<Boolean>> readers = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        Random random = new Random(i);
        readers.add(() -> {
          for (int k = 0; k < 50; k++) {
            int from = random.nextInt(content.length);
            ByteBuffer part =
                ByteBuffer.allocate(random.nextInt(Math.min(content.length - from, 150_000)));
            input.readFully(from, part);
            if (!part.flip().equals(ByteBuffer.wrap(content, from, part.remaining()))) {
              return false;
            }
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
  void ofManyWhoPutAtOnceOneWins() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (int round = 0; round < 10; round++) {
        String name = "round" + round;
        List<Callable<Boolean>> contenders = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
          byte[] mine = bytes("contender " + i);
          contenders.add(() -> target().putIfAbsent(name, mine));
        }
        int winner = -1;
        List<Future<Boolean>> results = threads.invokeAll(contenders);
        for (int i = 0; i < results.size(); i++) {
          if (results.get(i).get()) {
            assertThat(winner).as("winner beside %d in round %d", i, round).isEqualTo(-1);
            winner = i;
          }
        }
        assertThat(text(name)).isEqualTo("contender " + winner);
      }
    }
  }

  @Test
  void aReplacedObjectIsTheNewOne() {
    target().replace("a/x", bytes("old and longer"));
    target().replace("a/x", bytes("new"));
    assertThat(text("a/x")).isEqualTo("new");
    assertThat(target().list("a/").getFirst().modifiedAt())
        .isBetween(Instant.now().minus(Duration.ofHours(1)), Instant.now().plusSeconds(3600));
  }

  @Test
  void whatIsNotThereIsNotFound() {
    assertFails(ErrorCode.NOT_FOUND, () -> target().readAll("x", 10));
    assertFails(ErrorCode.NOT_FOUND, () -> target().open("a/x"));
    assertThat(target().length("a/x")).isEmpty();
    assertThat(target().isEmpty()).isTrue();
    assertThat(target().sweep("a/", Instant.now())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {8 << 20, (8 << 20) + 1, (24 << 20) - 1, 24 << 20, 30_000_001})
  void aLargeObjectIsReadBackAnywhere(int lengthBytes) {
    byte[] bytes = new byte[lengthBytes];
    Random random = new Random(lengthBytes);
    random.nextBytes(bytes);
    int headerBytes = 2 << 20;
    try (ObjectOutput output = target().create("images/a/object")) {
      output.reserveHeader(headerBytes);
      for (int at = headerBytes; at < lengthBytes; ) {
        int count = Math.min(lengthBytes - at, 1 + random.nextInt(3 << 20));
        output.append(ByteBuffer.wrap(bytes, at, count), Part.PLAIN_CLUSTERS);
        at += count;
      }
      output.writeHeader(ByteBuffer.wrap(bytes, 0, headerBytes));
      output.flush();
    }
    assertThat(target().length("images/a/object")).hasValue(lengthBytes);
    try (ObjectInput input = target().open("images/a/object")) {
      for (int i = 0; i < 60; i++) {
        int count = random.nextInt(1 + (i % 3 == 0 ? 3 << 20 : 5000));
        int at = random.nextInt(lengthBytes - count + 1);
        assertThat(read(input, at, count)).isEqualTo(ByteBuffer.wrap(bytes, at, count));
      }
      assertThat(read(input, 0, lengthBytes)).isEqualTo(ByteBuffer.wrap(bytes));
    }
  }

  @Test
  void anEmptyPlaceIsEmptyUntilSomethingIsInIt() {
    assertThat(target().isEmpty()).isTrue();
    assertThat(target().examine()).isNotNull();
    assertThat(target().isEmpty()).as("after it was examined").isTrue();
    target().putIfAbsent("a/b/c", bytes("1"));
    assertThat(target().isEmpty()).isFalse();
  }

  @Test
  void anInterruptedThreadIsToldSo() {
    Thread.currentThread().interrupt();
    try {
      assertFails(ErrorCode.INTERRUPTED, () -> target().putIfAbsent("x", bytes("1")));
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(target().exists("x")).isFalse();
  }

  static ByteBuffer read(ObjectInput input, long position, int lengthBytes) {
    ByteBuffer into =
        lengthBytes % 2 == 0
            ? ByteBuffer.allocate(lengthBytes)
            : ByteBuffer.allocateDirect(lengthBytes);
    input.readFully(position, into);
    return into.flip();
  }

  String text(String name) {
    return new String(target().readAll(name, 1 << 20), UTF_8);
  }

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }
}
