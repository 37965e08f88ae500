package dev.kedge.cli;

import dev.kedge.repository.Encryption;
import dev.kedge.repository.KeySlot;
import dev.kedge.repository.crypt.Passphrase;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code kedge key add}. */
@Command(
    name = "add",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Add a passphrase.",
    description = {"", "Needs a passphrase that opens the repository now.", ""},
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge key add --target /mnt/backup --label 'in the safe'",
      "  kedge key add --target /mnt/backup --passphrase-file now --new-passphrase-file more"
    })
final class KeyAddCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private TargetFlag target = new TargetFlag();
  @Mixin private NewPassphraseFlag added = new NewPassphraseFlag();
  @Mixin private OutputFlag output = new OutputFlag();

  KeyAddCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    String label = added.label("");
    KeyRing ring = KeyRing.open(target);
    Passphrase passphrase = added.read(ring.location());
    // Making it takes its time; its number is known only when nobody else makes one.
    KeySlot made = ring.newSlot(0, passphrase, label);
    Encryption changed = ring.change(now -> now.withSlot(made.withId(now.nextSlot())));
    KeySlot slot = changed.slots().getLast();
    session
        .out()
        .println(
            output.isJson()
                ? Json.text(KeyRing.json(slot))
                : "added key slot " + slot.id() + " to the repository in " + ring.location());
    return 0;
  }
}
