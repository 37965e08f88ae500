package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code kedge key remove}. */
@Command(
    name = "remove",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Remove a passphrase.",
    description = {
      "",
      "Needs the passphrase of a slot that stays, so that nobody locks himself out; so the",
      "last slot cannot be removed. Whoever kept an old copy of kedge.json can still open",
      "that copy with the removed passphrase.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge key list --target /mnt/backup",
      "  kedge key remove 2 --target /mnt/backup --passphrase-file of-slot-1"
    })
final class KeyRemoveCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(index = "0", paramLabel = "SLOT", description = "the slot's number")
  private int slot;

  @Mixin private TargetFlag target = new TargetFlag();
  @Mixin private OutputFlag output = new OutputFlag();

  KeyRemoveCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    KeyRing ring = KeyRing.open(target);
    ring.change(now -> {
      // First: says of the last slot that it is that.
      var fewer = now.withoutSlot(slot);
      if (slot == ring.openedSlot().id()) {
        throw new KedgeException(
            ErrorCode.REFUSED,
            "Key slot "
                + slot
                + " is the one that the given passphrase opens: give that of a slot that stays");
      }
      return fewer;
    });
    if (output.isJson()) {
      ObjectNode node = Json.object();
      node.put("removed", slot);
      session.out().println(Json.text(node));
    } else {
      session
          .out()
          .println("removed key slot " + slot + " of the repository in " + ring.location());
    }
    return 0;
  }
}
