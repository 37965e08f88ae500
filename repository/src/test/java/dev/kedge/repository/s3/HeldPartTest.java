package dev.kedge.repository.s3;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldPartTest {
  private static final int PART_BYTES = (5 << 20) + 7;
  private static final int LENGTH_BYTES = PART_BYTES - 100_000;
  private static final long SEED = 20261128;

  private final PartUploader uploader =
      new PartUploader(S3Location.parse("s3://bucket/prefix"), PART_BYTES);
  private final byte[] content = new byte[LENGTH_BYTES];

  HeldPartTest() {
    new Random(SEED).nextBytes(content);
  }

  @Test
  void thePartComesBackAndItsMemoryServedOthersMeanwhile(@TempDir Path folder) throws IOException {
    try (HeldPart held = HeldPart.hold(filled(), uploader, folder)) {
      assertThat(folder).isEmptyDirectory();
      PartBuffer other = uploader.take();
      other.skip(PART_BYTES);
      PartBuffer part = held.take();
      assertThat(part.stream(() -> false).readAllBytes()).isEqualTo(content);
      other.close();
      part.close();
    }
  }

  @Test
  void withoutAFolderItStaysInMemory(@TempDir Path folder) throws IOException {
    PartBuffer part = filled();
    try (HeldPart held = HeldPart.hold(part, uploader, folder.resolve("missing"))) {
      assertThat(held.take()).isSameAs(part);
      assertThat(part.stream(() -> false).readAllBytes()).isEqualTo(content);
      part.close();
    }
  }

  @Test
  void whatIsNotTakenIsGivenBack(@TempDir Path folder) {
    HeldPart.hold(filled(), uploader, folder).close();
    PartBuffer part = filled();
    HeldPart.hold(part, uploader, folder.resolve("missing")).close();
    assertThat(uploader.take()).isSameAs(part);
    part.close();
  }

  private PartBuffer filled() {
    PartBuffer part = uploader.take();
    part.fill(ByteBuffer.wrap(content));
    return part;
  }
}
