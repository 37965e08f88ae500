package dev.kedge.repository;

import static dev.kedge.repository.Failures.assertFails;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import dev.kedge.qcow2.AppendOutput.Part;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncryptedTargetTest extends BackupTargetContract {
  private static final int FRAME = Encrypting.FRAME_BYTES;
  private static final int HEADER = 80;
  private static final int TAG = 16;

  @TempDir Path root;
  BackupTarget target;

  @BeforeEach
  void create() {
    target = Encrypting.target(new DirectoryTarget(root));
  }

  @Override
  BackupTarget target() {
    return target;
  }

  private byte[] stored(String name) throws IOException {
    return Files.readAllBytes(root.resolve(name));
  }

  private void store(String name, byte[] bytes) throws IOException {
    Files.write(root.resolve(name), bytes);
  }

  private static byte[] content(int lengthBytes) {
    byte[] content = new byte[lengthBytes];
    new Random(lengthBytes).nextBytes(content);
    return content;
  }

  @Test
  void nothingOfTheContentCanBeSeenAndNothingLooksTheSameTwice() throws IOException {
    byte[] content = "a secret that repeats itself ".repeat(1000).getBytes(US_ASCII);
    target.replace("x", content);
    byte[] first = stored("x");
    target.replace("x", content);
    byte[] second = stored("x");
    assertThat(new String(first, ISO_8859_1)).doesNotContain("secret");
    Set<ByteBuffer> blocks = new HashSet<>();
    for (byte[] bytes : List.of(first, second)) {
      // The magic, the frame size and the name's digest are the same; the salt is not.
      for (int at = HEADER; at + 16 <= bytes.length; at += 16) {
        assertThat(blocks.add(ByteBuffer.wrap(bytes, at, 16))).isTrue();
      }
    }
  }

  @Test
  void lengthsAreThoseOfTheContent() throws IOException {
    for (int length : List.of(0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME)) {
      target.replace("d/x", content(length));
      assertThat(stored("d/x")).hasSize(HEADER + length + TAG * (length / FRAME + 1));
      assertThat(target.length("d/x")).hasValue(length);
      assertThat(target.list("d/").getFirst().lengthBytes()).isEqualTo(length);
    }
  }

  @Test
  void kedgeJsonIsLeftAsItIs() throws IOException {
    byte[] bytes = bytes("{}");
    target.putIfAbsent("kedge.json", bytes);
    assertThat(stored("kedge.json")).isEqualTo(bytes);
    assertThat(target.readAll("kedge.json", 10)).isEqualTo(bytes);
    assertThat(target.length("kedge.json")).hasValue(2);
    assertThat(target.list("").getFirst().lengthBytes()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 100, FRAME, 3 * FRAME + 7})
  void aFlippedBitAnywhereIsFound(int length) throws IOException {
    byte[] content = content(length);
    target.replace("x", content);
    byte[] whole = stored("x");
    for (int at = 0; at < whole.length; at += at < HEADER ? 1 : 97) {
      byte[] flipped = whole.clone();
      flipped[at] ^= (byte) (1 << (at % 8));
      store("x", flipped);
      assertThat(assertFails(ErrorCode.VERIFICATION_FAILED, () -> target.readAll("x", 1 << 20)))
          .as("byte %d", at)
          .hasMessageStartingWith("x is damaged: ");
    }
    store("x", whole);
    assertThat(target.readAll("x", 1 << 20)).isEqualTo(content);
  }

  @Test
  void aChangedFrameIsNamedAndTheOthersAreStillRead() throws IOException {
    byte[] content = content(5 * FRAME);
    target.replace("x", content);
    byte[] bytes = stored("x");
    bytes[HEADER + 2 * (FRAME + TAG) + 5] ^= 1;
    store("x", bytes);
    try (ObjectInput input = target.open("x")) {
      ByteBuffer before = ByteBuffer.allocate(2 * FRAME);
      input.readFully(0, before);
      assertThat(before.flip()).isEqualTo(ByteBuffer.wrap(content, 0, 2 * FRAME));
      ByteBuffer after = ByteBuffer.allocate(2 * FRAME - 1);
      input.readFully(3 * FRAME + 1, after);
      assertThat(after.flip()).isEqualTo(ByteBuffer.wrap(content, 3 * FRAME + 1, 2 * FRAME - 1));
      for (int from : List.of(1, 2 * FRAME - 1, 2 * FRAME, 3 * FRAME - 1)) {
        assertThat(
                assertFails(
                    ErrorCode.VERIFICATION_FAILED,
                    () -> input.readFully(from, ByteBuffer.allocate(2 * FRAME))))
            .hasMessageContaining("frame 2 (bytes 8192 to 12287) was changed");
      }
    }
  }

  @Test
  void aShorterObjectIsFoundWhenItIsOpened() throws IOException {
    target.replace("x", content(3 * FRAME + 100));
    byte[] whole = stored("x");
    for (int length = 0; length < whole.length; length += length < 200 ? 1 : 61) {
      store("x", java.util.Arrays.copyOf(whole, length));
      assertThat(assertFails(ErrorCode.VERIFICATION_FAILED, () -> target.open("x").close()))
          .as("cut to %d", length)
          .hasMessageContaining("cut");
      assertThat(target.length("x").orElseThrow()).isLessThan(3 * FRAME + 100);
    }
    // At the end of a frame, which is then the last.
    for (int frames = 0; frames < 4; frames++) {
      store("x", java.util.Arrays.copyOf(whole, HEADER + frames * (FRAME + TAG)));
      assertThat(assertFails(ErrorCode.VERIFICATION_FAILED, () -> target.open("x").close()))
          .hasMessageContaining("it was cut short");
    }
  }

  @Test
  void aLongerObjectIsFoundWhenItIsOpened() throws IOException {
    target.replace("x", content(3 * FRAME + 100));
    byte[] whole = stored("x");
    for (int more : List.of(1, TAG, FRAME - 100, FRAME, FRAME + TAG, 3 * FRAME)) {
      store("x", java.util.Arrays.copyOf(whole, whole.length + more));
      assertFails(ErrorCode.VERIFICATION_FAILED, () -> target.open("x").close());
    }
  }

  @Test
  void framesThatChangePlacesAreFound() throws IOException {
    byte[] content = content(4 * FRAME);
    target.replace("x", content);
    target.replace("y", content);
    byte[] x = stored("x");
    byte[] y = stored("y");
    byte[] swapped = x.clone();
    System.arraycopy(x, HEADER, swapped, HEADER + FRAME + TAG, FRAME + TAG);
    store("x", swapped);
    assertThat(assertFails(ErrorCode.VERIFICATION_FAILED, () -> target.readAll("x", 1 << 20)))
        .hasMessageContaining("frame 1");
    byte[] foreign = x.clone();
    System.arraycopy(y, HEADER, foreign, HEADER, FRAME + TAG);
    store("x", foreign);
    assertThat(assertFails(ErrorCode.VERIFICATION_FAILED, () -> target.readAll("x", 1 << 20)))
        .hasMessageContaining("frame 0");
  }

  @Test
  void objectsUnderEachOthersNamesAreFoundAndSaidToBe() throws IOException {
    target.replace("a/x", content(100));
    target.replace("a/y", content(100));
    byte[] x = stored("a/x");
    store("a/x", stored("a/y"));
    store("a/y", x);
    for (String name : List.of("a/x", "a/y")) {
      assertThat(assertFails(ErrorCode.VERIFICATION_FAILED, () -> target.readAll(name, 1000)))
          .hasMessageStartingWith(name)
          .hasMessageContaining("another name");
    }
    // Whoever renames it in its header, too, cannot hide that.
    byte[] renamed = stored("a/x");
    System.arraycopy(x, 48, renamed, 48, 32);
    store("a/x", renamed);
    assertThat(assertFails(ErrorCode.VERIFICATION_FAILED, () -> target.readAll("a/x", 1000)))
        .hasMessageContaining("changed");
  }

  @Test
  void whatSomebodyElsePutThereIsFound() throws IOException {
    store("x", content(1000));
    assertThat(assertFails(ErrorCode.VERIFICATION_FAILED, () -> target.readAll("x", 10_000)))
        .hasMessageContaining("does not begin as an encrypted object");
    store("y", new byte[0]);
    assertFails(ErrorCode.VERIFICATION_FAILED, () -> target.open("y"));
  }

  @Test
  void anotherRepositorysObjectIsNotTaken() throws IOException {
    BackupTarget other =
        new dev.kedge.repository.crypt.EncryptedTarget(
            new DirectoryTarget(root), dev.kedge.repository.crypt.RepositoryKey.create(), FRAME);
    other.replace("x", content(100));
    assertThat(assertFails(ErrorCode.VERIFICATION_FAILED, () -> target.readAll("x", 1000)))
        .hasMessageContaining("another repository's key");
  }

  @Test
  void anObjectThatWasNotEndedIsCutShort() throws IOException {
    for (boolean withHeader : List.of(true, false)) {
      try (ObjectOutput output = target.create("x")) {
        if (withHeader) {
          output.reserveHeader(512);
        }
        output.append(ByteBuffer.wrap(content(10 * FRAME)), Part.PLAIN_CLUSTERS);
      }
      assertFails(ErrorCode.VERIFICATION_FAILED, () -> target.open("x"));
    }
  }

  @Test
  void noFrameIsWrittenTwice() {
    ObjectOutput output = target.create("x");
    output.append(ByteBuffer.allocate(10), Part.TABLES);
    output.flush();
    assertThatThrownBy(() -> output.append(ByteBuffer.allocate(1), Part.TABLES))
        .isInstanceOf(IllegalStateException.class);
    output.flush();
    output.close();
    ObjectOutput headed = target.create("y");
    headed.reserveHeader(512);
    assertThatThrownBy(headed::flush).isInstanceOf(IllegalStateException.class);
    headed.writeHeader(ByteBuffer.allocate(512));
    assertThatThrownBy(() -> headed.writeHeader(ByteBuffer.allocate(512)))
        .isInstanceOf(IllegalStateException.class);
    headed.flush();
    headed.close();
    assertThat(target.length("y")).hasValue(512);
  }

  @Test
  void aSequentialReaderReadsNothingTwice() {
    byte[] content = content(40 * FRAME + 17);
    target.replace("x", content);
    List<Long> reads = new ArrayList<>();
    BackupTarget counted = Encrypting.target(new ReadCounter(new DirectoryTarget(root), reads));
    try (ObjectInput input = counted.open("x")) {
      reads.clear();
      for (int at = 0; at < content.length; at += 1000) {
        ByteBuffer part = ByteBuffer.allocate(Math.min(1000, content.length - at));
        input.readFully(at, part);
        assertThat(part.flip()).isEqualTo(ByteBuffer.wrap(content, at, part.remaining()));
      }
    }
    // The last one was proven when the object was opened.
    assertThat(reads).hasSize(40).doesNotHaveDuplicates();
  }

  @Test
  void aFullTargetIsToldAsFullAndTheNextWriterHasRoom() throws IOException {
    Path mounted = root.resolve("small");
    try (Tmpfs _ = new Tmpfs(mounted, 1024)) {
      BackupTarget small = Encrypting.target(new DirectoryTarget(mounted));
      small.replace("old", bytes("old"));
      try (ObjectOutput output = small.create("data")) {
        output.reserveHeader(512);
        assertFails(
            ErrorCode.TARGET_FULL,
            () -> output.append(ByteBuffer.allocateDirect(2 << 20), Part.PLAIN_CLUSTERS));
      }
      assertFails(ErrorCode.TARGET_FULL, () -> small.putIfAbsent("new", new byte[2 << 20]));
      assertFails(ErrorCode.VERIFICATION_FAILED, () -> small.open("data"));
      assertThat(small.readAll("old", 10)).isEqualTo(bytes("old"));
      small.delete("data");
      assertThat(small.putIfAbsent("new", new byte[1000])).isTrue();
    }
  }
}
