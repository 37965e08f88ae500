package dev.kedge.repository;

import java.time.Instant;

/**
 * The key of an encrypted repository, wrapped by a passphrase: Argon2id (RFC 9106) of the
 * passphrase is the AES-256-GCM key that encrypts it. See docs/repository-format.md.
 *
 * @param id its number in the repository, from 1
 * @param label what people call it; may be empty
 * @param createdAt when its passphrase was set, by that process's clock
 * @param memoryKib Argon2's memory in KiB
 * @param passes Argon2's passes over it
 * @param lanes Argon2's lanes
 * @param salt Argon2's salt, in hexadecimal
 * @param wrappedKey the encrypted key and its authentication tag, in hexadecimal
 */
public record KeySlot(
    int id,
    String label,
    Instant createdAt,
    int memoryKib,
    int passes,
    int lanes,
    String salt,
    String wrappedKey) {
  /** How many bytes of salt a slot has. */
  public static final int SALT_BYTES = 16;

  /** A key of 256 bit and a tag of 128. */
  public static final int WRAPPED_BYTES = 48;

  /** The longest label, in characters. */
  public static final int MAX_LABEL = 100;

  /** The same under another number. */
  public KeySlot withId(int newId) {
    return new KeySlot(newId, label, createdAt, memoryKib, passes, lanes, salt, wrappedKey);
  }
}
