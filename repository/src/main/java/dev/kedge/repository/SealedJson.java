package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Small JSON objects of which no byte can change unnoticed. Their last field is {@code "checksum"}:
 * the XXH3-128 of the object's own bytes with the digits of that checksum replaced by 32 zeroes.
 * The text is pretty-printed for people, in UTF-8, and always ends the same way, so that the digits
 * are found without parsing. Every version of Kedge keeps to this. Thread-safe.
 */
final class SealedJson {
  /** No sealed object is longer, but for those whose kind has a limit of its own. */
  static final int MAX_BYTES = 1 << 20;

  private static final int MAX_DEPTH = 32;
  private static final String FIELD = "checksum";
  private static final byte[] BEFORE_DIGITS = ascii("\"" + FIELD + "\" : \"");
  private static final byte[] AFTER_DIGITS = ascii("\"\n}\n");
  private static final byte[] ZEROES = ascii("0".repeat(2 * Checksum.BYTES));

  /** Numbers of unknown fields are written again as they were read. */
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private static final DefaultIndenter INDENTER = new DefaultIndenter("  ", "\n");
  private static final ObjectWriter WRITER =
      MAPPER
          .writer()
          .with(
              new DefaultPrettyPrinter().withObjectIndenter(INDENTER).withArrayIndenter(INDENTER));

  private SealedJson() {}

  static ObjectNode newObject() {
    return MAPPER.createObjectNode();
  }

  /** The bytes of an object, with its checksum. */
  static byte[] seal(ObjectNode object) {
    return seal(object, MAX_BYTES);
  }

  static byte[] seal(ObjectNode object, int maxBytes) {
    ObjectNode sealed = object.deepCopy();
    sealed.remove(FIELD);
    sealed.put(FIELD, new String(ZEROES, StandardCharsets.US_ASCII));
    byte[] text = WRITER.writeValueAsBytes(sealed);
    byte[] bytes = Arrays.copyOf(text, text.length + 1);
    bytes[text.length] = '\n';
    if (bytes.length > maxBytes || !endsAsSealed(bytes)) {
      throw new IllegalStateException("The object cannot be sealed: " + bytes.length + " bytes");
    }
    byte[] digits = ascii(Checksummer.of(bytes).hex());
    System.arraycopy(digits, 0, bytes, digitsAt(bytes), digits.length);
    return bytes;
  }

  /**
   * The object in sealed bytes, without its checksum.
   *
   * @throws KedgeException with VERIFICATION_FAILED, naming the file, where they are anything else
   */
  static ObjectNode unseal(byte[] bytes, String name) {
    return unseal(bytes, name, MAX_BYTES);
  }

  static ObjectNode unseal(byte[] bytes, String name, int maxBytes) {
    if (bytes.length > maxBytes || !endsAsSealed(bytes)) {
      throw damaged(name, "it does not end with a checksum", null);
    }
    int at = digitsAt(bytes);
    String digits = new String(bytes, at, ZEROES.length, StandardCharsets.US_ASCII);
    byte[] blank = bytes.clone();
    System.arraycopy(ZEROES, 0, blank, at, ZEROES.length);
    if (!Checksummer.of(blank).hex().equals(digits)) {
      throw damaged(name, "its checksum does not match its content", null);
    }
    return parse(bytes, name);
  }

  private static ObjectNode parse(byte[] bytes, String name) {
    JsonNode node;
    try {
      node = MAPPER.readTree(bytes);
    } catch (JacksonException | NumberFormatException e) {
      // Jackson lets the latter through for exponents that BigDecimal does not hold.
      throw damaged(name, "it is no JSON", e);
    }
    if (!(node instanceof ObjectNode object)) {
      throw damaged(name, "it is no JSON object", null);
    }
    object.remove(FIELD);
    return object;
  }

  private static boolean endsAsSealed(byte[] bytes) {
    int at = digitsAt(bytes) - BEFORE_DIGITS.length;
    int after = bytes.length - AFTER_DIGITS.length;
    return at >= 0
        && Arrays.equals(
            bytes, at, at + BEFORE_DIGITS.length, BEFORE_DIGITS, 0, BEFORE_DIGITS.length)
        && Arrays.equals(bytes, after, bytes.length, AFTER_DIGITS, 0, AFTER_DIGITS.length);
  }

  private static int digitsAt(byte[] bytes) {
    return bytes.length - AFTER_DIGITS.length - ZEROES.length;
  }

  private static KedgeException damaged(String name, String how, @Nullable Throwable cause) {
    return new KedgeException(ErrorCode.VERIFICATION_FAILED, name + " is damaged: " + how, cause);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
