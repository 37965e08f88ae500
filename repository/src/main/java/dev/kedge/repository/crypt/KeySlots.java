package dev.kedge.repository.crypt;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.Encryption;
import dev.kedge.repository.KeySlot;
import dev.kedge.repository.RepositoryInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Puts the key of a repository into slots, and takes it out. Thread-safe. */
public final class KeySlots {
  /**
   * The key of a repository, taken out of a slot.
   *
   * @param key the key
   * @param slot the slot that the passphrase opened
   */
  public record Opened(RepositoryKey key, KeySlot slot) {}

  /** The key of a slot encrypts nothing else, so that the nonce may always be the same, zero. */
  private static final long ONLY_FRAME = 0;

  private KeySlots() {}

  /** The encryption of a new repository, whose key nobody has but this slot. */
  public static Encryption first(
      UUID repositoryId, Passphrase passphrase, String label, Instant now) {
    KeySlot slot = wrap(RepositoryKey.create(), repositoryId, 1, passphrase, label, now);
    return new Encryption(Encryption.CIPHER, EncryptedTarget.FRAME_BYTES, List.of(slot));
  }

  /** A slot that gives the key to whoever has the passphrase. */
  public static KeySlot wrap(
      RepositoryKey key,
      UUID repositoryId,
      int id,
      Passphrase passphrase,
      String label,
      Instant now) {
    byte[] salt = new byte[KeySlot.SALT_BYTES];
    new SecureRandom().nextBytes(salt);
    Argon2 argon2 = Argon2.DEFAULT;
    byte[] wrapped = seal(FrameKey.ofSlot(argon2.key(passphrase, salt), repositoryId), key.bytes());
    HexFormat hex = HexFormat.of();
    return new KeySlot(
        id,
        label,
        now,
        argon2.memoryKib(),
        argon2.passes(),
        argon2.lanes(),
        hex.formatHex(salt),
        hex.formatHex(wrapped));
  }

  /**
   * The target through which the repository in a place is used: the place itself where there is
   * none or a plain one, else one that encrypts and decrypts.
   *
   * @param passphrase asked only where the repository is encrypted
   * @throws KedgeException with AUTHENTICATION_FAILED where the passphrase opens no slot,
   *     VERIFICATION_FAILED where kedge.json is damaged
   */
  public static BackupTarget unlock(BackupTarget place, Supplier<Passphrase> passphrase) {
    RepositoryInfo info = infoOrNull(place);
    Encryption encryption = info == null ? null : info.encryption();
    if (info == null || encryption == null) {
      return place;
    }
    RepositoryKey key = open(info, passphrase.get(), place.location()).key();
    return new EncryptedTarget(place, key, encryption.frameBytes());
  }

  /** A place that is not there, or not yet, is for whoever uses it to complain about. */
  private static @Nullable RepositoryInfo infoOrNull(BackupTarget place) {
    try {
      return RepositoryInfo.read(place).orElse(null);
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.TARGET_UNREACHABLE) {
        return null;
      }
      throw e;
    }
  }

  /**
   * Takes out the key.
   *
   * @param location where the repository is, for messages
   * @throws KedgeException with AUTHENTICATION_FAILED where the passphrase opens no slot
   */
  public static Opened open(RepositoryInfo info, Passphrase passphrase, String location) {
    Encryption encryption = encryption(info, location);
    for (KeySlot slot : encryption.slots()) {
      byte[] key = unwrap(slot, info.id(), passphrase);
      if (key.length > 0) {
        return new Opened(RepositoryKey.of(key), slot);
      }
    }
    int count = encryption.slots().size();
    throw new KedgeException(
        ErrorCode.AUTHENTICATION_FAILED,
        "Wrong passphrase: it opens %s of the repository in %s"
            .formatted(
                count == 1 ? "not the one key slot" : "none of the " + count + " key slots",
                location));
  }

  private static Encryption encryption(RepositoryInfo info, String location) {
    Encryption encryption = info.encryption();
    if (encryption == null) {
      throw new KedgeException(
          ErrorCode.REFUSED, "The repository in " + location + " is not encrypted");
    }
    return encryption;
  }

  /** Empty where the passphrase does not open the slot. */
  private static byte[] unwrap(KeySlot slot, UUID repositoryId, Passphrase passphrase) {
    HexFormat hex = HexFormat.of();
    byte[] slotKey =
        new Argon2(slot.memoryKib(), slot.passes(), slot.lanes())
            .key(passphrase, hex.parseHex(slot.salt()));
    return unseal(FrameKey.ofSlot(slotKey, repositoryId), hex.parseHex(slot.wrappedKey()));
  }

  private static byte[] seal(FrameKey slotKey, byte[] key) {
    FrameCipher cipher = FrameCipher.create();
    cipher.use(slotKey, true);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment content = arena.allocateFrom(JAVA_BYTE, key);
      MemorySegment sealed = arena.allocate(KeySlot.WRAPPED_BYTES);
      cipher.seal(ONLY_FRAME, false, content, sealed);
      content.fill((byte) 0);
      return sealed.toArray(JAVA_BYTE);
    }
  }

  private static byte[] unseal(FrameKey slotKey, byte[] wrapped) {
    FrameCipher cipher = FrameCipher.create();
    cipher.use(slotKey, false);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment sealed = arena.allocateFrom(JAVA_BYTE, wrapped);
      MemorySegment content = arena.allocate(RepositoryKey.BYTES);
      byte[] key =
          cipher.unseal(ONLY_FRAME, false, sealed, content)
              ? content.toArray(JAVA_BYTE)
              : new byte[0];
      content.fill((byte) 0);
      return key;
    }
  }
}
