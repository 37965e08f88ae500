package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.Encryption;
import dev.kedge.repository.KeySlot;
import dev.kedge.repository.Repository;
import dev.kedge.repository.RepositoryInfo;
import dev.kedge.repository.crypt.EncryptedTarget;
import dev.kedge.repository.crypt.KeySlots;
import dev.kedge.repository.crypt.Passphrase;
import java.time.Instant;
import java.util.function.UnaryOperator;
import tools.jackson.databind.node.ObjectNode;

/** The key slots of a repository, opened by the passphrase of one of them. For one thread. */
final class KeyRing {
  private final BackupTarget place;
  private final RepositoryInfo info;
  private final KeySlots.Opened opened;
  private final Repository repository;

  private KeyRing(BackupTarget place, RepositoryInfo info, KeySlots.Opened opened, int frameBytes) {
    this.place = place;
    this.info = info;
    this.opened = opened;
    this.repository = Repository.open(new EncryptedTarget(place, opened.key(), frameBytes));
  }

  /** Opens the key ring of the target's repository. */
  static KeyRing open(TargetFlag target) {
    BackupTarget place = target.place();
    RepositoryInfo info = info(place);
    Encryption encryption = encryption(info, place);
    KeySlots.Opened opened =
        KeySlots.open(info, target.passphrase().read(place.location()), place.location());
    return new KeyRing(place, info, opened, encryption.frameBytes());
  }

  static RepositoryInfo info(BackupTarget place) {
    return RepositoryInfo.read(place)
        .orElseThrow(() ->
            new KedgeException(
                ErrorCode.NOT_FOUND,
                "There is no Kedge repository in " + place.location() + ": check the path"));
  }

  static Encryption encryption(RepositoryInfo info, BackupTarget place) {
    Encryption encryption = info.encryption();
    if (encryption == null) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "The repository in " + place.location() + " is not encrypted, and has no keys");
    }
    return encryption;
  }

  String location() {
    return place.location();
  }

  /** The slot that the passphrase opened. */
  KeySlot openedSlot() {
    return opened.slot();
  }

  /** A slot for the same key. */
  KeySlot newSlot(int id, Passphrase passphrase, String label) {
    return KeySlots.wrap(opened.key(), info.id(), id, passphrase, label, Instant.now());
  }

  /** Changes the slots, as long as the one that was opened is still among them as it was. */
  Encryption change(UnaryOperator<Encryption> change) {
    RepositoryInfo changed =
        repository.changeKeySlots(encryption -> {
          if (!encryption.slots().contains(opened.slot())) {
            throw new KedgeException(
                ErrorCode.REFUSED,
                "Key slot %d of the repository in %s was changed or removed by somebody else just now; nothing was changed"
                    .formatted(opened.slot().id(), location()));
          }
          return change.apply(encryption);
        });
    return encryption(changed, place);
  }

  static ObjectNode json(KeySlot slot) {
    ObjectNode node = Json.object();
    node.put("slot", slot.id());
    node.put("label", slot.label());
    node.put("createdAt", slot.createdAt().toString());
    node.put("memoryBytes", slot.memoryKib() * 1024L);
    node.put("passes", slot.passes());
    return node;
  }
}
