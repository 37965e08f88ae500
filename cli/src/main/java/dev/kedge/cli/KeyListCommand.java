package dev.kedge.cli;

import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.Encryption;
import dev.kedge.repository.KeySlot;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code kedge key list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "List the key slots; no passphrase is needed.",
    footerHeading = "%nExamples:%n",
    footer = {"  kedge key list --target /mnt/backup"})
final class KeyListCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private TargetFlag target = new TargetFlag();
  @Mixin private OutputFlag output = new OutputFlag();

  KeyListCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    BackupTarget place = target.place();
    Encryption encryption = KeyRing.encryption(KeyRing.info(place), place);
    if (output.isJson()) {
      ObjectNode root = Json.object();
      root.put("cipher", encryption.cipher());
      ArrayNode slots = root.putArray("slots");
      encryption.slots().forEach(slot -> slots.add(KeyRing.json(slot)));
      session.out().println(Json.text(root));
      return 0;
    }
    session.out().printf("%-5s %-20s %s%n", "SLOT", "PASSPHRASE SET", "LABEL");
    for (KeySlot slot : encryption.slots()) {
      session
          .out()
          .printf("%-5d %-20s %s%n", slot.id(), Times.seconds(slot.createdAt()), slot.label());
    }
    return 0;
  }
}
