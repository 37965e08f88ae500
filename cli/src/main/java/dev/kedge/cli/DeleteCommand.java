package dev.kedge.cli;

import dev.kedge.base.KedgeException;
import dev.kedge.engine.retention.Expiry;
import dev.kedge.engine.retention.ExpiryResult;
import dev.kedge.repository.Lease;
import dev.kedge.repository.PointPlace;
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
      "Any can go, the oldest, the newest and those between. Where others build on it, its data is",
      "merged into the next one, at the cost of that one's size. After the newest one's deletion the",
      "next backup reads everything and stores what differs. One that a restore point of an",
      "instance names as its disk is refused: 'kedge instance delete' first.",
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
    PointPlace place = Repository.open(target.open()).findPlace(point);
    ProgressLine progress = new ProgressLine(session);
    ExpiryResult result;
    try (Lease lease = place.image().acquireLease()) {
      result = new Expiry(place.image(), progress, session.cancel()).delete(place.point(), lease);
    } finally {
      progress.clear();
    }
    if (output.isJson()) {
      ObjectNode node = PruneReport.result(result);
      node.put("deleted", place.point().toString());
      session.out().println(Json.text(node));
    } else {
      session.out().println("deleted restore point " + place.point() + name(place));
      PruneReport.printResult(session.out(), result);
    }
    return 0;
  }

  private static String name(PointPlace place) {
    try {
      return " of " + place.image().identity();
    } catch (KedgeException e) {
      return "";
    }
  }
}
