package dev.kedge.openstack.luks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.KedgeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers that QEMU wrote, and that QEMU reads again afterwards. */
final class LuksHeaderTest {
  private static final String OLD = "0123456789abcdef";
  private static final String NEW = "fedcba9876543210fedcba9876543210";
  private static final String WRITTEN = "-P 0x5a 64k 192k";

  private final SplittableRandom random = new SplittableRandom(20261125);
  @TempDir private static Path made;

  private final Path volume;

  LuksHeaderTest(@TempDir Path folder) {
    this.volume = folder.resolve("volume");
  }

  /** QEMU measures the processor for seconds first, and at times gives up: it may try again. */
  private void create(String options) throws IOException, InterruptedException {
    Path whole = made.resolve("volume" + options);
    for (int attempt = 0; !Files.exists(whole); attempt++) {
      int status =
          run(
              "qemu-img",
              "create",
              "-q",
              "-f",
              "luks",
              "--object",
              "secret,id=s,data=" + OLD,
              "-o",
              "key-secret=s,iter-time=10" + options,
              whole.toString(),
              "1M");
      assertThat(status == 0 || attempt < 20).as("qemu-img could make a volume").isTrue();
    }
    Files.copy(whole, volume);
    assertThat(io(OLD, "write " + WRITTEN)).isZero();
  }

  private boolean isReadBy(String passphrase) throws IOException, InterruptedException {
    return io(passphrase, "read " + WRITTEN) == 0;
  }

  private int io(String passphrase, String command) throws IOException, InterruptedException {
    return run(
        "qemu-io",
        "--object",
        "secret,id=s,data=" + passphrase,
        "--image-opts",
        "driver=luks,key-secret=s,file.filename=" + volume,
        "-c",
        command);
  }

  private static int run(String... words) throws IOException, InterruptedException {
    return new ProcessBuilder(words)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private LuksHeader header() throws IOException {
    return LuksHeader.parse(Files.readAllBytes(volume));
  }

  private List<LuksHeader.Patch> change(String from, String to) throws IOException {
    return header().changePassphrase(bytes(from), bytes(to), random);
  }

  private void write(LuksHeader.Patch patch) throws IOException {
    try (FileChannel file = FileChannel.open(volume, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(patch.bytes()), patch.offset());
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",hash-alg=sha1",
        ",hash-alg=sha512",
        ",cipher-alg=aes-128",
        ",cipher-alg=aes-128,hash-alg=sha512"
      })
  void anotherPassphraseOpensTheSameDataAndTheFirstOneNothing(String options) throws Exception {
    create(options);
    assertThat(isReadBy(NEW)).isFalse();
    for (LuksHeader.Patch patch : change(OLD, NEW)) {
      write(patch);
      assertThat(isReadBy(OLD) || isReadBy(NEW)).isTrue();
    }
    assertThat(isReadBy(NEW)).isTrue();
    assertThat(isReadBy(OLD)).isFalse();
    assertThat(header().opensWith(bytes(NEW))).isTrue();
    assertThat(header().opensWith(bytes(OLD))).isFalse();
  }

  @Test
  void whatWasBrokenOffBeforeTheHeaderIsRepeatedFromTheBeginning() throws Exception {
    create("");
    write(change(OLD, NEW).getFirst());
    assertThat(isReadBy(OLD)).isTrue();
    for (LuksHeader.Patch patch : change(OLD, NEW)) {
      write(patch);
    }
    assertThat(isReadBy(NEW)).isTrue();
  }

  @Test
  void moreChangesThanThereAreSlotsWork() throws Exception {
    create("");
    String now = OLD;
    for (int i = 0; i < 2 * KeySlot.COUNT; i++) {
      String next = NEW + i;
      for (LuksHeader.Patch patch : change(now, next)) {
        write(patch);
      }
      now = next;
    }
    assertThat(isReadBy(now)).isTrue();
  }

  @Test
  void theDataStaysAsItIs() throws Exception {
    create("");
    byte[] before = Files.readAllBytes(volume);
    int length = LuksHeader.lengthBytes(before);
    for (LuksHeader.Patch patch : change(OLD, NEW)) {
      write(patch);
    }
    byte[] after = Files.readAllBytes(volume);
    assertThat(Arrays.mismatch(before, length, before.length, after, length, after.length))
        .isEqualTo(-1);
  }

  @Test
  void aWrongKeyChangesNothing() throws Exception {
    create("");
    assertThatThrownBy(() -> change(NEW, OLD)).hasMessageContaining("does not open");
  }

  @Test
  void whatIsNoHeaderIsSaidToBeNone() throws Exception {
    create("");
    byte[] whole = Files.readAllBytes(volume);
    assertThatThrownBy(() -> LuksHeader.parse(new byte[4096]))
        .hasMessageContaining("does not begin with a LUKS header");
    assertThatThrownBy(() -> LuksHeader.parse(Arrays.copyOf(whole, 100)))
        .hasMessageContaining("does not begin with a LUKS header");
    assertThatThrownBy(() -> LuksHeader.parse(Arrays.copyOf(whole, 4096)))
        .hasMessageContaining("only 4096");
    byte[] second = whole.clone();
    second[7] = 2;
    assertThatThrownBy(() -> LuksHeader.parse(second)).hasMessageContaining("LUKS version 2");
    byte[] other = whole.clone();
    other[40] = 'c';
    assertThatThrownBy(() -> LuksHeader.parse(other)).hasMessageContaining("aes-cts-plain64");
  }

  @Test
  void aHeaderOfNoiseNeverDoesMoreThanFail() throws Exception {
    create("");
    byte[] whole = Files.readAllBytes(volume);
    for (int i = 0; i < 2000; i++) {
      byte[] damaged = whole.clone();
      damaged[8 + random.nextInt(LuksHeader.START_BYTES - 8)] = (byte) random.nextInt();
      damaged[100 + random.nextInt(12)] = (byte) random.nextInt();
      try {
        LuksHeader.parse(damaged);
      } catch (KedgeException e) {
        assertThat(e).hasMessageContaining("LUKS");
      }
    }
  }
}
