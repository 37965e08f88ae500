package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The JSON form of {@link Encryption}, as in kedge.json. */
final class EncryptionJson {
  private static final String KDF = "argon2id";
  private static final int MIN_FRAME_BYTES = 4 << 10;
  private static final int MAX_FRAME_BYTES = 1 << 20;

  // Bounds against a file that would have us fill the memory, or never end.
  private static final int MAX_MEMORY_KIB = 1 << 20;
  private static final int MAX_PASSES = 100;
  private static final int MAX_LANES = 64;

  private EncryptionJson() {}

  static void write(Encryption encryption, ObjectNode json) {
    json.put("cipher", encryption.cipher()).put("frameBytes", encryption.frameBytes());
    ArrayNode slots = json.putArray("slots");
    for (KeySlot slot : encryption.slots()) {
      slots
          .addObject()
          .put("id", slot.id())
          .put("label", slot.label())
          .put("createdAt", slot.createdAt().toString())
          .put("kdf", KDF)
          .put("memoryKib", slot.memoryKib())
          .put("passes", slot.passes())
          .put("lanes", slot.lanes())
          .put("salt", slot.salt())
          .put("wrappedKey", slot.wrappedKey());
    }
  }

  static Encryption read(JsonFields json, String file) {
    requireKnown(json.text("cipher"), Encryption.CIPHER, file);
    List<KeySlot> slots = json.objects("slots").stream().map(slot -> readSlot(slot, file)).toList();
    if (slots.isEmpty()) {
      throw json.wrong("slots", "a list with at least one key slot");
    }
    return new Encryption(
        Encryption.CIPHER,
        (int) json.number("frameBytes", MIN_FRAME_BYTES, MAX_FRAME_BYTES),
        slots);
  }

  private static KeySlot readSlot(JsonFields json, String file) {
    requireKnown(json.text("kdf"), KDF, file);
    return new KeySlot(
        (int) json.number("id", 1, Integer.MAX_VALUE - 1),
        json.text("label"),
        json.instant("createdAt"),
        (int) json.number("memoryKib", 8, MAX_MEMORY_KIB),
        (int) json.number("passes", 1, MAX_PASSES),
        (int) json.number("lanes", 1, MAX_LANES),
        json.hex("salt", KeySlot.SALT_BYTES),
        json.hex("wrappedKey", KeySlot.WRAPPED_BYTES));
  }

  private static void requireKnown(String found, String known, String file) {
    if (!found.equals(known)) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "%s names %s, this Kedge knows only %s: use a newer Kedge".formatted(file, found, known));
    }
  }
}
