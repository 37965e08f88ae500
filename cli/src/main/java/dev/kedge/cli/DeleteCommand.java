package dev.kedge.cli;

import dev.kedge.repository.FoundPoint;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Repository;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code kedge delete}. */
@Command(
    name = "delete",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Delete one restore point.",
    description = {
      "",
      "The newest restore point of an image is refused, because the next backup builds on",
      "it; and so is any that others build on.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {"  kedge delete 3f2a61c0 --target /mnt/backup"})
final class DeleteCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      index = "0",
      paramLabel = "POINT",
      description = "a restore point's id, or enough of its start")
  private String point = "";

  @Mixin private TargetFlag target = new TargetFlag();
  @Mixin private OutputFlag output = new OutputFlag();

  DeleteCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    FoundPoint found = Repository.open(target.open()).findPoint(point);
    try (Lease lease = found.image().acquireLease()) {
      found.image().delete(found.manifest().id(), lease);
    }
    if (output.isJson()) {
      ObjectNode node = Json.object();
      node.put("deleted", found.manifest().id().toString());
      node.put("freedBytes", found.manifest().file().lengthBytes());
      session.out().println(Json.text(node));
    } else {
      session
          .out()
          .println(
              "deleted restore point "
                  + found.manifest().id()
                  + " of "
                  + found.manifest().image().identity());
    }
    return 0;
  }
}
