package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;

/**
 * What restores of instances have made so far: {@code instances/<instance id>/restore-<id>.json},
 * sealed like every small object. Thread-safe.
 */
public final class RestoreJournals {
  private static final String FOLDER = "instances/";
  private static final String START = "restore-";
  private static final String END = ".json";

  private final BackupTarget target;

  RestoreJournals(BackupTarget target) {
    this.target = target;
  }

  /** An empty journal, to be filled and saved. */
  public static ObjectNode newObject() {
    return SealedJson.newObject();
  }

  /** Writes a journal, whole or not at all; durable when this returns. */
  public void save(UUID instance, UUID restore, ObjectNode journal) {
    target.replace(name(instance, restore), SealedJson.seal(journal));
  }

  /**
   * A journal.
   *
   * @throws KedgeException with VERIFICATION_FAILED where it is damaged
   */
  public Optional<ObjectNode> read(UUID instance, UUID restore) {
    String name = name(instance, restore);
    try {
      return Optional.of(SealedJson.unseal(target.readAll(name, SealedJson.MAX_BYTES), name));
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The restores of an instance that have a journal. */
  public List<UUID> list(UUID instance) {
    List<UUID> restores = new ArrayList<>();
    for (StoredObject object : target.list(FOLDER + instance + "/" + START)) {
      String base = object.baseName();
      if (base.endsWith(END)) {
        UUID id = Uuids.parseOrNull(base.substring(START.length(), base.length() - END.length()));
        if (id != null) {
          restores.add(id);
        }
      }
    }
    return restores;
  }

  /** Whether a name is that of a journal. */
  static boolean isJournal(String baseName) {
    return baseName.startsWith(START) && baseName.endsWith(END);
  }

  /** Removes a journal. */
  public void delete(UUID instance, UUID restore) {
    target.delete(name(instance, restore));
  }

  private static String name(UUID instance, UUID restore) {
    return FOLDER + instance + "/" + START + restore + END;
  }
}
