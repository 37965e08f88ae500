package dev.kedge.cli;

import dev.kedge.repository.KeySlot;
import dev.kedge.repository.crypt.Passphrase;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code kedge key change}. */
@Command(
    name = "change",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Replace a passphrase by another one.",
    description = {
      "",
      "Changes the slot that the given passphrase opens. Whoever kept an old copy of",
      "kedge.json can still open that copy with the old passphrase.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge key change --target /mnt/backup",
      "  kedge key change --target /mnt/backup --passphrase-file old --new-passphrase-file new"
    })
final class KeyChangeCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private TargetFlag target = new TargetFlag();
  @Mixin private NewPassphraseFlag changed = new NewPassphraseFlag();
  @Mixin private OutputFlag output = new OutputFlag();

  KeyChangeCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    KeyRing ring = KeyRing.open(target);
    KeySlot old = ring.openedSlot();
    String label = changed.label(old.label());
    Passphrase passphrase = changed.read(ring.location());
    KeySlot slot = ring.newSlot(old.id(), passphrase, label);
    ring.change(now -> now.withChanged(slot));
    session
        .out()
        .println(
            output.isJson()
                ? Json.text(KeyRing.json(slot))
                : "changed key slot " + slot.id() + " of the repository in " + ring.location());
    return 0;
  }
}
