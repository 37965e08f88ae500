package dev.kedge.openstack.luks;

import java.nio.ByteBuffer;

/**
 * One of the eight places of a header where the volume's key is kept under a passphrase (LUKS
 * On-Disk Format Specification 1.2.3, figure 3).
 *
 * @param index from 0
 * @param iterations of PBKDF2
 * @param material where the spread key begins, in bytes
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record KeySlot(int index, boolean active, int iterations, byte[] salt, long material, int stripes) {
  static final int COUNT = 8;
  static final int SALT_BYTES = 32;
  private static final int FIRST = 208;
  private static final int LENGTH = 48;
  private static final int ACTIVE = 0x00AC71F3;
  private static final int DISABLED = 0x0000DEAD;
  private static final int SECTOR_BYTES = 512;

  static KeySlot read(ByteBuffer header, int index) {
    ByteBuffer fields = header.duplicate().position(FIRST + index * LENGTH);
    int state = fields.getInt();
    int iterations = fields.getInt();
    byte[] salt = new byte[SALT_BYTES];
    fields.get(salt);
    long material = Integer.toUnsignedLong(fields.getInt()) * SECTOR_BYTES;
    return new KeySlot(index, state == ACTIVE, iterations, salt, material, fields.getInt());
  }

  void write(ByteBuffer header) {
    header
        .duplicate()
        .position(FIRST + index * LENGTH)
        .putInt(active ? ACTIVE : DISABLED)
        .putInt(iterations)
        .put(salt);
  }

  KeySlot activated(int newIterations, byte[] newSalt) {
    return new KeySlot(index, true, newIterations, newSalt, material, stripes);
  }

  KeySlot disabled() {
    return new KeySlot(index, false, 0, new byte[SALT_BYTES], material, stripes);
  }
}
