package dev.kedge.repository.crypt;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/** A key, and what each frame under it authenticates beside its content. Immutable. */
final class FrameKey {
  private static final byte[] INFO = "kedge object 1".getBytes(StandardCharsets.US_ASCII);

  private final byte[] key;
  private final byte[] header;

  private FrameKey(byte[] key, byte[] header) {
    this.key = key;
    this.header = header;
  }

  /** The key of the object with this header: HKDF-SHA256 (RFC 5869) with the header's salt. */
  static FrameKey ofObject(RepositoryKey repositoryKey, ObjectHeader header) {
    return new FrameKey(Hkdf.derive(repositoryKey.bytes(), header.salt(), INFO), header.toBytes());
  }

  /** The key under which a key slot of this repository has one frame, the repository's key. */
  static FrameKey ofSlot(byte[] slotKey, UUID repositoryId) {
    return new FrameKey(
        slotKey.clone(), ("kedge key " + repositoryId).getBytes(StandardCharsets.US_ASCII));
  }

  byte[] key() {
    return key.clone();
  }

  byte[] header() {
    return header.clone();
  }

  /** Says nothing of the key. */
  @Override
  public String toString() {
    return "FrameKey";
  }
}
