package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.ceph.ImageSpec;
import dev.kedge.ceph.RbdFeatures;
import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.testing.LabCeph;
import dev.kedge.cli.testing.CliTest;
import dev.kedge.cli.testing.Hashes;
import dev.kedge.cli.testing.Outcome;
import dev.kedge.cli.testing.Programs;
import dev.kedge.cli.testing.Protected;
import dev.kedge.cli.testing.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a restore gives, beside the data. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RestoreContractIT extends CliTest {
  private static final int DATA_BYTES = 2 * MIB;

  private final SplittableRandom random = new SplittableRandom(SEED);
  private Protected volume;

  @BeforeAll
  void aMostlyEmptyImage() {
    TestImage image = TestImage.create(lab(), 64 * MIB);
    image.fill(random, 0, DATA_BYTES / 2);
    volume = new Protected(kedge(), image, newTarget());
    volume.backup();
    image.fill(random, 40 * MIB, DATA_BYTES / 2);
    image.zero(0, 64 << 10);
    volume.backup();
  }

  @Test
  void anImageOfAnyShapeComesBackInItsShape() {
    long plain = RbdFeatures.LAYERING;
    long usual =
        plain
            | RbdFeatures.EXCLUSIVE_LOCK
            | RbdFeatures.OBJECT_MAP
            | RbdFeatures.FAST_DIFF
            | RbdFeatures.DEEP_FLATTEN;
    // The sizes are whole sectors, not whole objects.
    List<ImageSpec> shapes =
        List.of(
            ImageSpec.ofSize(5L * MIB + 512).withFeatures(plain).withOrder(20),
            ImageSpec.ofSize(9L * MIB + 7 * 512).withFeatures(usual).withOrder(22),
            ImageSpec.ofSize(6L * MIB)
                .withFeatures(usual | RbdFeatures.STRIPINGV2)
                .withOrder(21)
                .withStriping(64 << 10, 4));
    for (ImageSpec shape : shapes) {
      TestImage image = TestImage.create(lab(), lab().pool(), shape);
      image.scribble(random, 10);
      Protected shaped = new Protected(kedge(), image, newTarget());
      shaped.backup();
      String copy = restored(shaped);
      assertThat(shapeOf(LabCeph.POOL + "/" + copy)).isEqualTo(shapeOf(image.spec()));
      assertThat(image.sha256Of(copy)).isEqualTo(image.sha256());
    }
  }

  @Test
  void anImageOfANamespaceIsBackedUpAndRestoredThere() {
    String namespace = LabCeph.uniqueName("tenant");
    lab().pool().createNamespace(namespace);
    try (RbdPool pool = lab().cluster().openPool(LabCeph.POOL, namespace)) {
      TestImage image = TestImage.create(lab(), pool, ImageSpec.ofSize(4L * MIB).withOrder(20));
      image.scribble(random, 5);
      Protected tenants = new Protected(kedge(), image, newTarget());
      tenants.backup();
      String copy = image.name() + "-copy";
      restore(tenants, "rbd:" + LabCeph.POOL + "/" + namespace + "/" + copy).exits(0);
      assertThat(image.sha256Of(copy)).isEqualTo(image.sha256());
      pool.remove(copy);
      image.removeSnapshots();
      pool.remove(image.name());
    } finally {
      lab().pool().removeNamespace(namespace);
    }
  }

  @Test
  void holesStayHolesInFiles() throws IOException {
    Path raw = Path.of(newPath("disk") + ".raw");
    restore(volume, raw.toString()).exits(0);
    assertThat(Files.size(raw)).isEqualTo(64 * MIB);
    assertThat(Hashes.sha256(raw)).isEqualTo(volume.sha256(volume.newest()));
    assertThat(allocatedBytes(raw)).isLessThanOrEqualTo(DATA_BYTES + (64 << 10));
    Path qcow2 = Path.of(newPath("disk") + ".qcow2");
    restore(volume, qcow2.toString()).exits(0);
    Programs.run("qemu-img", "check", "-q", qcow2.toString());
    Programs.run(
        "qemu-img", "compare", "-q", "-f", "raw", "-F", "qcow2", raw.toString(), qcow2.toString());
    assertThat(Programs.run("qemu-img", "info", qcow2.toString())).doesNotContain("backing file");
    assertThat(Files.size(qcow2)).isLessThan(DATA_BYTES + MIB);
  }

  @Test
  void holesStayHolesInImages() {
    String copy = restored(volume);
    JsonNode images =
        JsonMapper.shared()
            .readTree(lab().rbd("du", "--format", "json", LabCeph.POOL + "/" + copy));
    assertThat(images.get("images").get(0).get("used_size").asLong()).isEqualTo(DATA_BYTES);
  }

  @Test
  void whatExistsIsOnlyReplacedOnRequest() throws IOException {
    TestImage other = TestImage.create(lab(), 80 * MIB);
    other.fill(random, 0, 8 * MIB);
    other.fill(random, 60 * MIB, 20 * MIB);
    String before = other.sha256();
    restore(volume, other.location()).fails(1, other.location(), "exists", "--overwrite");
    assertThat(other.sha256Of(other.name())).isEqualTo(before);
    restore(volume, other.location(), "--overwrite").exits(0);
    assertThat(other.sha256Of(other.name())).isEqualTo(volume.sha256(volume.newest()));

    for (String ending : List.of(".raw", ".qcow2")) {
      Path file = Path.of(newPath("disk") + ending);
      Files.writeString(file, "precious");
      restore(volume, file.toString()).fails(1, file.toString(), "exists", "--overwrite");
      assertThat(file).hasContent("precious");
      restore(volume, file.toString(), "--overwrite").exits(0);
      assertThat(Files.size(file)).isGreaterThan(DATA_BYTES);
    }
  }

  @Test
  void theImageItselfCanBeTakenBackToAnEarlierPoint() {
    Protected own = newProtected(6 * MIB, random);
    own.backup();
    String good = own.newest();
    String goodHash = own.image().sha256();
    own.image().scribble(random, 10);
    own.backup();
    kedge()
        .run(
            "restore",
            good,
            "--target",
            own.target().toString(),
            "--to",
            own.image().location(),
            "--overwrite")
        .exits(0);
    assertThat(own.image().sha256Of(own.image().name())).isEqualTo(goodHash);
    // The next backup notices all that the restore has changed.
    Outcome next = kedge().run(own.backupWords()).exits(0);
    assertThat(next.text("kind")).isEqualTo("incremental");
    assertThat(own.target().sha256ByQemu(next.text("restorePoint"))).isEqualTo(goodHash);
  }

  private Outcome restore(Protected from, String to, String... more) {
    List<String> words = new ArrayList<>(List.of("restore", "latest:" + from.image().location()));
    words.addAll(List.of("--target", from.target().toString(), "--to", to, "-o", "json"));
    words.addAll(List.of(more));
    Outcome outcome = kedge().run(words.toArray(String[]::new));
    if (outcome.status() == 0) {
      assertThat(outcome.text("destination")).isEqualTo(to);
      assertThat(outcome.text("restorePoint")).isEqualTo(from.newest());
      assertThat(outcome.number("sizeBytes")).isEqualTo(from.image().content().length);
      return outcome;
    }
    assertThat(outcome.json().get("error").get("message").isString()).isTrue();
    // So that fails() can be used on what is left of it.
    return new Outcome(outcome.words(), outcome.status(), "", outcome.err());
  }

  private String restored(Protected from) {
    String copy = from.image().name() + "-copy";
    restore(from, "rbd:" + LabCeph.POOL + "/" + copy).exits(0);
    return lab().removeLater(lab().pool(), copy);
  }

  private List<JsonNode> shapeOf(String spec) {
    JsonNode info = JsonMapper.shared().readTree(lab().rbd("info", "--format", "json", spec));
    List<JsonNode> shape = new ArrayList<>();
    for (String field :
        List.of("size", "order", "object_size", "features", "stripe_unit", "stripe_count")) {
      shape.add(info.path(field));
    }
    return shape;
  }

  private static long allocatedBytes(Path file) {
    return Long.parseLong(Programs.run("du", "-B1", file.toString()).split("\\s", 2)[0]);
  }
}
