package dev.kedge.engine.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.chain.PieceLoader;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.testing.Place;
import dev.kedge.engine.testing.StoredChain;
import dev.kedge.engine.verify.PointReport;
import dev.kedge.engine.verify.Verify;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Repository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** What restore points in a folder hold, by us and by qemu-img, against what they must hold. */
final class Kept {
  private static final int BLOCK = 2 << 20;

  private Kept() {}

  /** Each of them, read by whoever comes now: without a lease, without cleaning up. */
  static void assertReads(Place place, StoredChain truth, List<UUID> points, String when)
      throws IOException {
    Repository repository = Repository.open(place.target());
    ImageStore store = StoredChain.storeIn(repository);
    for (UUID point : points) {
      byte[] expected = truth.contentOf(point);
      assertThat(Arrays.mismatch(read(store, point), expected))
          .as("first difference in %s, %s", point, when)
          .isEqualTo(-1);
    }
  }

  /** The same by QEMU. */
  static void assertQemuReads(Place place, StoredChain truth, List<UUID> points, String when)
      throws IOException {
    ImageStore store = StoredChain.storeIn(Repository.open(place.target()));
    for (UUID point : points) {
      byte[] expected = truth.contentOf(point);
      withPlainFile(
          place,
          store.point(point),
          qcow2 ->
              assertThat(Arrays.mismatch(convert(qcow2), padded(expected)))
                  .as("first difference to qemu-img in %s, %s", point, when)
                  .isEqualTo(-1));
    }
  }

  /** What a restore would write. */
  static byte[] read(ImageStore store, UUID point) throws IOException {
    try (RestorePointReader reader = RestorePointReader.open(store, point);
        PieceLoader loader = new PieceLoader(reader);
        Arena arena = Arena.ofConfined()) {
      byte[] content = new byte[(int) reader.sizeBytes()];
      MemorySegment block = arena.allocate(BLOCK);
      for (int at = 0; at < content.length; at += BLOCK) {
        int start = at;
        int length = Math.min(BLOCK, content.length - at);
        block.fill((byte) 0);
        reader.forEachPiece(
            at,
            length,
            BLOCK,
            piece -> {
              try {
                loader.load(piece, block, start);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
        MemorySegment.copy(block, ValueLayout.JAVA_BYTE, 0, content, at, length);
      }
      return content;
    }
  }

  /** The same after a crash, which may leave a temporary file for the janitor of another day. */
  static void assertTidyAfterCrash(Place place, List<UUID> points) throws IOException {
    try (Stream<Path> files = Files.walk(place.folder())) {
      for (Path file :
          files.filter(f -> String.valueOf(f.getFileName()).startsWith(".tmp-")).toList()) {
        Files.delete(file);
      }
    }
    assertTidy(place, points);
  }

  /** Everything is proven, every file is clean, and there is no file too many. */
  static void assertTidy(Place place, List<UUID> points) throws IOException {
    Repository repository = Repository.open(place.target());
    ImageStore store = StoredChain.storeIn(repository);
    assertThat(store.points().points().stream().map(Manifest::id)).isEqualTo(points);
    List<PointReport> reports =
        new Verify(1, null, Progress.NONE, new CancelToken()).all(repository);
    assertThat(reports.stream().flatMap(report -> report.problems().stream())).isEmpty();
    assertThat(reports).hasSize(store.points().layers().size());
    List<String> expected =
        store.points().layers().stream()
            .flatMap(
                layer -> Stream.of(layer.file().name(), layer.sums().name(), layer.id() + ".json"))
            .sorted()
            .toList();
    try (Stream<Path> files = Files.list(place.folder().resolve("images/" + store.imageId()))) {
      assertThat(
              files
                  .map(file -> String.valueOf(file.getFileName()))
                  .filter(name -> !name.startsWith("lease.") && !name.equals("image.json"))
                  .sorted()
                  .toList())
          .isEqualTo(expected);
    }
    for (Manifest layer : store.points().layers()) {
      withPlainFile(
          place,
          layer,
          qcow2 ->
              assertThat(qemuImg("check", "-f", "qcow2", qcow2.toString()))
                  .contains("No errors were found"));
    }
  }

  private interface FileUse {
    void of(Path qcow2) throws IOException;
  }

  private static void withPlainFile(Place place, Manifest layer, FileUse use) throws IOException {
    Path scratch = Files.createTempDirectory("kept");
    try {
      use.of(place.plainFiles(layer, scratch));
    } finally {
      try (Stream<Path> files = Files.list(scratch)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(scratch);
    }
  }

  private static byte[] padded(byte[] content) {
    return Arrays.copyOf(content, (content.length + 511) & -512);
  }

  private static byte[] convert(Path qcow2) throws IOException {
    Path raw = Files.createTempFile("kept", ".raw");
    try {
      qemuImg("convert", "-f", "qcow2", "-O", "raw", qcow2.toString(), raw.toString());
      return Files.readAllBytes(raw);
    } finally {
      Files.delete(raw);
    }
  }

  static String qemuImg(String... arguments) throws IOException {
    List<String> command = Stream.concat(Stream.of("qemu-img"), Stream.of(arguments)).toList();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    return output;
  }
}
