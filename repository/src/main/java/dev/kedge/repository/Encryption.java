package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.ArrayList;
import java.util.List;

/**
 * How the objects of an encrypted repository are encrypted, and the slots that hold its key.
 *
 * @param cipher always {@link #CIPHER}
 * @param frameBytes how many bytes each frame of an object holds, but for the last, which holds
 *     fewer
 * @param slots the key slots, by ascending id
 */
public record Encryption(String cipher, int frameBytes, List<KeySlot> slots) {
  /** The one cipher so far. */
  public static final String CIPHER = "aes-256-gcm";

  private static final int MAX_SLOTS = 32;

  /** Copies the slots. */
  public Encryption {
    slots = List.copyOf(slots);
  }

  /** The id for one more slot. */
  public int nextSlot() {
    return slots.stream().mapToInt(KeySlot::id).max().orElse(0) + 1;
  }

  /**
   * The same with one more slot.
   *
   * @throws KedgeException with REFUSED where there are too many
   */
  public Encryption withSlot(KeySlot slot) {
    if (slots.size() >= MAX_SLOTS) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "There are " + MAX_SLOTS + " key slots, and no room for more: remove one first");
    }
    List<KeySlot> more = new ArrayList<>(slots);
    more.add(slot);
    return new Encryption(cipher, frameBytes, more);
  }

  /**
   * The same without a slot.
   *
   * @throws KedgeException with NOT_FOUND where there is no such slot, REFUSED where it is the last
   */
  public Encryption withoutSlot(int id) {
    List<KeySlot> fewer = new ArrayList<>(slots);
    if (!fewer.removeIf(slot -> slot.id() == id)) {
      throw missing(id);
    }
    if (fewer.isEmpty()) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "Key slot "
              + id
              + " is the last one: without it nobody could read the repository any more; add"
              + " another with 'kedge key add' first");
    }
    return new Encryption(cipher, frameBytes, fewer);
  }

  /**
   * The same with another slot in the place of the one of that id.
   *
   * @throws KedgeException with NOT_FOUND where there is none
   */
  public Encryption withChanged(KeySlot slot) {
    if (slots.stream().noneMatch(s -> s.id() == slot.id())) {
      throw missing(slot.id());
    }
    return new Encryption(
        cipher, frameBytes, slots.stream().map(s -> s.id() == slot.id() ? slot : s).toList());
  }

  private static KedgeException missing(int id) {
    return new KedgeException(
        ErrorCode.NOT_FOUND, "There is no key slot " + id + ": see 'kedge key list'");
  }
}
