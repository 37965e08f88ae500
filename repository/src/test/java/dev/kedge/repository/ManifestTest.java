package dev.kedge.repository;

import static dev.kedge.repository.Failures.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ManifestTest {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final Manifest FULL = Samples.manifest(Samples.point(1), 1, null, 1);
  private static final Manifest CHILD =
      Samples.manifest(Samples.point(2), 2, Samples.point(1), Long.MAX_VALUE);

  @Test
  void whatIsWrittenIsRead() {
    assertThat(Manifest.parse(FULL.toBytes(), "m")).isEqualTo(FULL);
    assertThat(Manifest.parse(CHILD.toBytes(), "m")).isEqualTo(CHILD);
  }

  @Test
  void aPersonCanReadIt() {
    String text = new String(FULL.toBytes(), UTF_8);
    assertThat(text)
        .startsWith("{\n  \"schema\" : 1,\n  \"id\" : \"")
        .contains("\n  \"kind\" : \"full\",\n  \"parent\" : null,\n")
        .contains("\n  \"file\" : {\n    \"name\" : \"")
        .contains("\"durationSeconds\" : 1.25")
        .containsPattern("\n  \"checksum\" : \"[0-9a-f]{32}\"\n}\n$");
  }

  @Test
  void theChecksumIsTheOneThatXxhsumGivesForTheFileWithZeroes() {
    String text = new String(FULL.toBytes(), UTF_8);
    String digits = text.substring(text.length() - 36, text.length() - 4);
    String blank = text.substring(0, text.length() - 36) + "0".repeat(32) + "\"\n}\n";
    assertThat(Checksummer.of(blank.getBytes(UTF_8)).hex()).isEqualTo(digits);
  }

  @Test
  void everyChangeOfOneByteIsNoticed() {
    byte[] bytes = CHILD.toBytes();
    for (int at = 0; at < bytes.length; at++) {
      for (int flip = 1; flip < 256; flip += flip < 4 ? 1 : 12 + at % 7) {
        byte[] changed = bytes.clone();
        changed[at] ^= (byte) flip;
        assertRefused(changed, "byte " + at + " ^ " + flip);
      }
    }
  }

  @Test
  void everyMissingOrAddedByteIsNoticed() {
    byte[] bytes = CHILD.toBytes();
    for (int at = 0; at < bytes.length; at++) {
      byte[] shorter = new byte[bytes.length - 1];
      System.arraycopy(bytes, 0, shorter, 0, at);
      System.arraycopy(bytes, at + 1, shorter, at, bytes.length - at - 1);
      assertRefused(shorter, "without byte " + at);
      assertRefused(java.util.Arrays.copyOf(bytes, at), "cut at " + at);
    }
    assertRefused(java.util.Arrays.copyOf(bytes, bytes.length + 1), "one more");
  }

  private static void assertRefused(byte[] bytes, String description) {
    KedgeException failure =
        Assertions.catchThrowableOfType(KedgeException.class, () -> Manifest.parse(bytes, "m"));
    assertThat(failure).as(description).isNotNull();
    assertThat(failure.code()).as(description).isEqualTo(ErrorCode.VERIFICATION_FAILED);
  }

  @Test
  void unknownFieldsAreKeptAtEveryDepthAndWrittenAsTheyWere() {
    ObjectNode json = json(CHILD);
    json.putObject("future").putArray("list").add(1).addNull().add("x");
    ((ObjectNode) json.get("file")).put("inner", 1.5);
    ((ObjectNode) json.get("image").get("parent")).put("deep", true);
    byte[] bytes = SealedJson.seal(json);
    Manifest read = Manifest.parse(bytes, "m");
    assertThat(read.unknown()).isNotEqualTo(UnknownFields.NONE);
    assertThat(read.id()).isEqualTo(CHILD.id());
    assertThat(read.toBytes()).isNotEqualTo(CHILD.toBytes());
    assertThat(MAPPER.readTree(read.toBytes()).get("future")).isEqualTo(json.get("future"));
    assertThat(json(read)).isEqualTo(SealedJson.unseal(bytes, "m"));
    assertThat(Manifest.parse(read.toBytes(), "m")).isEqualTo(read);
  }

  @Test
  void numbersInUnknownFieldsKeepTheirDigits() {
    String text = new String(FULL.toBytes(), UTF_8);
    String more =
        text.replace(
            "{\n  \"schema\"",
            "{\n  \"x\" : [ 1.10, 1E+400, 123456789012345678901234 ],\n  \"schema\"");
    Manifest read = Manifest.parse(resealed(more), "m");
    assertThat(new String(read.toBytes(), UTF_8))
        .contains("1.10")
        .contains("1E+400")
        .contains("123456789012345678901234");
  }

  @Test
  void whatAnOlderKedgeWouldMisunderstandHasALaterSchema() {
    Manifest.DataFile file = FULL.file();
    Manifest merged =
        FULL.retire(FULL.createdAt())
            .merged(
                null,
                new Manifest.DataFile(
                    file.name(),
                    file.lengthBytes(),
                    file.clusterSizeBytes(),
                    file.compression(),
                    file.tablesDigest(),
                    new Manifest.DataFile.Merged(7, 3)),
                new Manifest.SumsFile(
                    PointNames.sums(FULL.id(), 12), 56, new Checksum(3, 4), Checksum.ALGORITHM));
    assertThat(new String(merged.toBytes(), UTF_8)).startsWith("{\n  \"schema\" : 2,");
    assertThat(Manifest.parse(merged.toBytes(), "m")).isEqualTo(merged);
    assertThat(PointNames.sumsGeneration(merged.sums().name())).isEqualTo(12);
    assertThat(PointNames.sumsGeneration(FULL.sums().name())).isZero();
  }

  @Test
  void aLaterSchemaIsRefusedWithTheWayOut() {
    ObjectNode json = json(FULL);
    json.put("schema", 3);
    assertThat(
            assertFails(ErrorCode.REFUSED, () -> Manifest.parse(SealedJson.seal(json), "m.json")))
        .hasMessageContaining("m.json")
        .hasMessageContaining("schema 3")
        .hasMessageContaining("newer Kedge");
  }

  @Test
  void aMissingFieldOrOneOfAnotherTypeIsNamed() {
    List<String> paths = new ArrayList<>();
    collect(json(CHILD), "", paths);
    assertThat(paths).hasSizeGreaterThan(40);
    for (String path : paths) {
      assertNamed(path, changed(path, null));
      assertNamed(path, changed(path, MAPPER.createArrayNode()));
      assertNamed(path, changed(path, MAPPER.getNodeFactory().numberNode(-1.5)));
    }
  }

  private static void collect(JsonNode node, String path, List<String> paths) {
    for (var field : node.properties()) {
      paths.add(path + field.getKey());
      collect(field.getValue(), path + field.getKey() + ".", paths);
    }
  }

  private static ObjectNode changed(
      String path, @org.jspecify.annotations.Nullable JsonNode value) {
    ObjectNode json = json(CHILD);
    ObjectNode parent = json;
    String[] parts = path.split("\\.", -1);
    for (int i = 0; i < parts.length - 1; i++) {
      parent = (ObjectNode) parent.get(parts[i]);
    }
    String last = parts[parts.length - 1];
    if (value == null) {
      parent.remove(last);
    } else {
      parent.set(last, value);
    }
    return json;
  }

  private static void assertNamed(String path, ObjectNode json) {
    assertThat(
            assertFails(
                ErrorCode.VERIFICATION_FAILED,
                () -> Manifest.parse(SealedJson.seal(json), "images/a/m.json")))
        .hasMessageContaining("images/a/m.json")
        .hasMessageContaining(path);
  }

  @ParameterizedTest
  @CsvSource({
    "file.name,../../../etc/passwd",
    "file.name,10000001-0000-4000-8000-000000000000.qcow2",
    "sums.name,x.sums",
    "sums.algorithm,md5",
    "file.compression,lzma",
    "file.tablesDigest,00",
    "kind,full",
    "kind,FULL",
    "parent,10000002-0000-4000-8000-000000000000",
    "parent,1-1-1-1-1",
    "id,10000002-0000-4000-8000-00000000000A",
    "createdAt,yesterday",
    "createdAt,+1000000001-01-01T00:00:00Z",
    "image.pool,''",
  })
  void aTextThatCannotBeIsNamed(String path, String value) {
    String field = path.equals("kind") && value.equals("full") ? "parent" : path;
    String expected = path.equals("id") ? "id" : field;
    assertNamed(expected, changed(path, MAPPER.getNodeFactory().stringNode(value)));
  }

  @Test
  void hostileTextIsRefusedWithinBounds() {
    assertRefused(new byte[0], "nothing");
    assertRefused(new byte[SealedJson.MAX_BYTES + 1], "too long");
    assertRefused(resealed("{ \"a\" : " + "[".repeat(100_000) + end()), "deep");
    assertRefused(resealed("{ \"a\" : " + "{\"a\":".repeat(50_000) + end()), "deep objects");
    assertRefused(resealed("{ \"schema\" : 1" + "0".repeat(500_000) + end()), "long number");
    assertRefused(resealed("{ \"schema\" : 1e999999999" + end()), "huge number");
    assertRefused(resealed("{ \"x\" : 9e9999999999" + end()), "no exponent");
    assertRefused(resealed("{ \"schema\" : 1, \"schema\" : 1" + end()), "twice");
    assertRefused(resealed("[] {" + end().substring(1)), "trailing");
    assertRefused(resealed("\"x" + end()), "no object");
  }

  private static String end() {
    return ",\n  \"checksum\" : \"" + "0".repeat(32) + "\"\n}\n";
  }

  @Test
  void aForgedManifestIsReadOrRefusedAndNothingElse() {
    Random random = new Random(21);
    byte[] bytes = CHILD.toBytes();
    int refused = 0;
    for (int i = 0; i < 8_000; i++) {
      byte[] changed = bytes.clone();
      for (int n = random.nextInt(3); n >= 0; n--) {
        changed[random.nextInt(bytes.length - 60)] =
            (byte)
                (random.nextBoolean()
                    ? "{}[]\",:0-e9".charAt(random.nextInt(11))
                    : random.nextInt());
      }
      try {
        Manifest read = Manifest.parse(sealed(changed), "m");
        assertThat(Manifest.parse(read.toBytes(), "m")).as("seed 21, round %d", i).isEqualTo(read);
      } catch (KedgeException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(1, 7_999);
  }

  private static byte[] resealed(String text) {
    return sealed(text.getBytes(UTF_8));
  }

  /** Gives text that ends as a sealed object does the checksum that belongs to it. */
  private static byte[] sealed(byte[] bytes) {
    byte[] sealed = bytes.clone();
    int at = sealed.length - 36;
    java.util.Arrays.fill(sealed, at, at + 32, (byte) '0');
    byte[] digits = Checksummer.of(sealed).hex().getBytes(UTF_8);
    System.arraycopy(digits, 0, sealed, at, 32);
    return sealed;
  }

  private static ObjectNode json(Manifest manifest) {
    return SealedJson.unseal(manifest.toBytes(), "m");
  }
}
