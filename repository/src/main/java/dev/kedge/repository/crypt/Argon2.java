package dev.kedge.repository.crypt;

/**
 * Argon2id, version 1.3 (RFC 9106): makes a key from a passphrase, slowly.
 *
 * @param memoryKib how much memory it takes, in KiB
 * @param passes how often it goes over it
 * @param lanes how many parts of the memory could be filled at a time
 */
record Argon2(int memoryKib, int passes, int lanes) {
  /**
   * For new slots: the memory and passes of RFC 9106's second recommendation. One lane, since
   * helping threads would cost a data mover's host more than they give.
   */
  static final Argon2 DEFAULT = new Argon2(64 << 10, 3, 1);

  /** A key of 256 bits. */
  byte[] key(Passphrase passphrase, byte[] salt) {
    LibArgon2 library = LibArgon2.INSTANCE;
    return library == null
        ? BouncyArgon2.key(this, passphrase.bytes(), salt)
        : library.key(this, passphrase.bytes(), salt);
  }
}
