package dev.kedge.openstack.luks;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The header of a LUKS version 1 volume, which keeps the volume's key under passphrases: it can be
 * given another passphrase, the data staying as it is. After the LUKS On-Disk Format Specification
 * 1.2.3. Immutable. Methods throw {@link KedgeException} with REFUSED for what Kedge cannot do, and
 * VERIFICATION_FAILED for what no volume has.
 */
public final class LuksHeader {
  /** Enough of a volume to learn how long its header is. */
  public static final int START_BYTES = 592;

  private static final byte[] MAGIC = {'L', 'U', 'K', 'S', (byte) 0xBA, (byte) 0xBE};
  private static final int SECTOR_BYTES = 512;
  private static final int MAX_BYTES = 64 << 20;
  private static final int MAX_ITERATIONS = 100_000_000;
  private static final int MAX_STRIPES = 4000;
  private static final int DIGEST_BYTES = 20;
  private static final Map<String, String> HASHES =
      Map.of("sha1", "SHA-1", "sha256", "SHA-256", "sha512", "SHA-512");

  /** Bytes to be written at an offset of the volume. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Patch(long offset, byte[] bytes) {}

  private final byte[] bytes;
  private final ByteBuffer fields;
  private final String hash;
  private final int keyBytes;
  private final List<KeySlot> slots = new ArrayList<>();

  private LuksHeader(byte[] bytes) {
    this.bytes = bytes;
    this.fields = ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    String cipher = text(8) + "-" + text(40);
    String digest = HASHES.get(text(72).toLowerCase(Locale.ROOT));
    if (!cipher.equals("aes-xts-plain64") || digest == null) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "its LUKS header uses %s and %s, and Kedge changes keys of aes-xts-plain64 with sha1, sha256 or sha512 only"
              .formatted(cipher, text(72)));
    }
    this.hash = digest;
    this.keyBytes = fields.getInt(108);
    for (int i = 0; i < KeySlot.COUNT; i++) {
      slots.add(KeySlot.read(fields, i));
    }
    requireSane();
  }

  /**
   * How many bytes from a volume's start on make its header.
   *
   * @param start its first {@link #START_BYTES}
   */
  public static int lengthBytes(byte[] start) {
    if (start.length < START_BYTES || !Arrays.equals(Arrays.copyOf(start, MAGIC.length), MAGIC)) {
      throw damaged("it does not begin with a LUKS header");
    }
    ByteBuffer fields = ByteBuffer.wrap(start);
    if (fields.getShort(6) != 1) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "it is LUKS version "
              + fields.getShort(6)
              + ", and Kedge changes keys of version 1 only");
    }
    long length = Integer.toUnsignedLong(fields.getInt(104)) * SECTOR_BYTES;
    if (length < START_BYTES || length > MAX_BYTES) {
      throw damaged("its LUKS header cannot be " + length + " bytes long");
    }
    return (int) length;
  }

  /**
   * Reads a header.
   *
   * @param bytes as many from the volume's start on as {@link #lengthBytes} says
   */
  public static LuksHeader parse(byte[] bytes) {
    int length = lengthBytes(bytes);
    if (bytes.length < length) {
      throw damaged(
          "only %d of the %d bytes of its LUKS header are there".formatted(bytes.length, length));
    }
    return new LuksHeader(Arrays.copyOf(bytes, length));
  }

  private void requireSane() {
    if (keyBytes != 32 && keyBytes != 64) {
      throw damaged("its LUKS header speaks of a key of " + keyBytes + " bytes");
    }
    for (KeySlot slot : slots) {
      boolean outside =
          slot.stripes() < 1
              || slot.stripes() > MAX_STRIPES
              || slot.material() < START_BYTES
              || slot.material() + materialBytes(slot) > bytes.length;
      if (outside || (slot.active() && !isIterationCount(slot.iterations()))) {
        throw damaged("key slot " + slot.index() + " of its LUKS header is impossible");
      }
    }
    if (!isIterationCount(fields.getInt(164))) {
      throw damaged("its LUKS header has an impossible number of iterations");
    }
  }

  private static boolean isIterationCount(int iterations) {
    return iterations > 0 && iterations <= MAX_ITERATIONS;
  }

  private long materialBytes(KeySlot slot) {
    return Math.ceilDiv((long) keyBytes * slot.stripes(), SECTOR_BYTES) * SECTOR_BYTES;
  }

  private static KedgeException damaged(String how) {
    return new KedgeException(ErrorCode.VERIFICATION_FAILED, how);
  }

  private String text(int offset) {
    int end = offset;
    while (end < offset + 32 && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, offset, end - offset, StandardCharsets.US_ASCII);
  }

  /** Whether a passphrase opens the volume. */
  public boolean opensWith(byte[] passphrase) {
    return open(passphrase).isPresent();
  }

  /**
   * What to write, in this order and each flushed before the next, so that another passphrase opens
   * the volume, and the one that did no longer does. After each of them one of the two opens it.
   *
   * @throws KedgeException PERMISSION_DENIED where the old passphrase opens nothing, REFUSED where
   *     no slot is free
   */
  public List<Patch> changePassphrase(byte[] from, byte[] to, RandomGenerator random) {
    Opened opened =
        open(from)
            .orElseThrow(() ->
                new KedgeException(
                    ErrorCode.PERMISSION_DENIED,
                    "the key that was kept for it does not open its LUKS header"));
    KeySlot free = freeSlot();
    byte[] salt = new byte[KeySlot.SALT_BYTES];
    random.nextBytes(salt);
    KeySlot added = free.activated(opened.slot().iterations(), salt);
    byte[] start = Arrays.copyOf(bytes, START_BYTES);
    ByteBuffer header = ByteBuffer.wrap(start);
    added.write(header);
    opened.slot().disabled().write(header);
    byte[] noise = new byte[(int) materialBytes(opened.slot())];
    random.nextBytes(noise);
    return List.of(
        new Patch(added.material(), material(added, to, opened.key(), random)),
        new Patch(0, start),
        new Patch(opened.slot().material(), noise));
  }

  /** Throws REFUSED where no slot is free, so that no passphrase can be changed. */
  public void requireFreeSlot() {
    freeSlot();
  }

  private KeySlot freeSlot() {
    return slots.stream()
        .filter(slot -> !slot.active())
        .findFirst()
        .orElseThrow(() ->
            new KedgeException(ErrorCode.REFUSED, "all key slots of its LUKS header are in use"));
  }

  @SuppressWarnings("ArrayRecordComponent") // never compared, and used at once
  private record Opened(KeySlot slot, byte[] key) {}

  private Optional<Opened> open(byte[] passphrase) {
    try {
      for (KeySlot slot : slots) {
        if (slot.active()) {
          byte[] key = key(slot, passphrase);
          if (isKey(key)) {
            return Optional.of(new Opened(slot, key));
          }
        }
      }
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES and these hashes", e);
    }
  }

  private boolean isKey(byte[] key) throws GeneralSecurityException {
    byte[] salt = Arrays.copyOfRange(bytes, 132, 164);
    byte[] digest = Pbkdf2.derive(hash, key, salt, fields.getInt(164), DIGEST_BYTES);
    return MessageDigest.isEqual(digest, Arrays.copyOfRange(bytes, 112, 112 + DIGEST_BYTES));
  }

  private byte[] key(KeySlot slot, byte[] passphrase) throws GeneralSecurityException {
    int from = (int) slot.material();
    byte[] stored = Arrays.copyOfRange(bytes, from, from + (int) materialBytes(slot));
    byte[] spread = new SectorCipher(slotKey(slot, passphrase), false).apply(stored);
    return antiForensic(slot).merge(Arrays.copyOf(spread, keyBytes * slot.stripes()), keyBytes);
  }

  private byte[] material(KeySlot slot, byte[] passphrase, byte[] key, RandomGenerator random) {
    try {
      byte[] spread = antiForensic(slot).split(key, random);
      byte[] sectors = Arrays.copyOf(spread, (int) materialBytes(slot));
      return new SectorCipher(slotKey(slot, passphrase), true).apply(sectors);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has AES and these hashes", e);
    }
  }

  private byte[] slotKey(KeySlot slot, byte[] passphrase) throws GeneralSecurityException {
    return Pbkdf2.derive(hash, passphrase, slot.salt(), slot.iterations(), keyBytes);
  }

  private AntiForensic antiForensic(KeySlot slot) throws GeneralSecurityException {
    return new AntiForensic(MessageDigest.getInstance(hash), slot.stripes());
  }
}
