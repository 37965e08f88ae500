package dev.kedge.repository.crypt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.qcow2.AppendOutput.Part;
import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.DirectoryTarget;
import dev.kedge.repository.ObjectOutput;
import dev.kedge.repository.Repository;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example of another reader in docs/decrypt.py reads what Kedge writes. */
class IndependentReaderTest {
  private static final String PASSPHRASE = "correct horse battery";

  @TempDir Path folder;

  @Test
  void itReadsObjectsOfAllLengths() throws Exception {
    BackupTarget place = new DirectoryTarget(folder.resolve("target"));
    Passphrase passphrase = Passphrase.of(PASSPHRASE);
    Repository.create(
        place,
        info -> info.withEncryption(KeySlots.first(info.id(), passphrase, "", info.createdAt())));
    BackupTarget target = KeySlots.unlock(place, () -> passphrase);
    Random random = new Random(1);
    for (int length : List.of(0, 1, 65_536, 3 * 65_536 + 5)) {
      byte[] content = new byte[length];
      random.nextBytes(content);
      target.replace("small/x" + length, content);
      assertThat(decrypt("small/x" + length)).isEqualTo(content);
      ByteBuffer header = ByteBuffer.wrap(new byte[] {1, 2, 3, 4});
      try (ObjectOutput output = target.create("large/x" + length)) {
        output.reserveHeader(4);
        output.append(ByteBuffer.wrap(content), Part.PLAIN_CLUSTERS);
        output.writeHeader(header.duplicate());
        output.flush();
      }
      byte[] whole = ByteBuffer.allocate(4 + length).put(header).put(content).array();
      assertThat(decrypt("large/x" + length)).isEqualTo(whole);
    }
  }

  private byte[] decrypt(String name) throws IOException, InterruptedException {
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    String root = Objects.requireNonNull(System.getenv("KEDGE_ROOT"), "KEDGE_ROOT, from Maven");
    ProcessBuilder python =
        new ProcessBuilder(
                Path.of(root, "docs/decrypt.py").toString(),
                folder.resolve("target").toString(),
                name)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    python.environment().put("KEDGE_PASSPHRASE", PASSPHRASE);
    python.environment().put("LC_ALL", "C.UTF-8");
    int status = python.start().waitFor();
    assertThat(status)
        .as(
            "needs python3-cryptography and python3-argon2: %s",
            Files.readString(err, StandardCharsets.UTF_8))
        .isZero();
    return Files.readAllBytes(out);
  }
}
