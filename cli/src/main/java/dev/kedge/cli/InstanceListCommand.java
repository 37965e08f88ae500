package dev.kedge.cli;

import dev.kedge.base.ByteSize;
import dev.kedge.repository.DamagedPoint;
import dev.kedge.repository.InstanceDisk;
import dev.kedge.repository.InstanceListing;
import dev.kedge.repository.InstancePoint;
import dev.kedge.repository.Repository;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code kedge instance list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "List restore points of instances.",
    description = {"", "Reads the backup target alone; no cloud is asked.", ""},
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge instance list --target /mnt/backup",
      "  kedge instance list web1 --target /mnt/backup --output json"
    })
final class InstanceListCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "SERVER",
      description = "only those of instances with this name or id")
  private @Nullable String server;

  @Mixin private TargetFlag target = new TargetFlag();
  @Mixin private OutputFlag output = new OutputFlag();

  InstanceListCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    InstanceListing listing = Repository.open(target.open()).instances().list();
    List<InstancePoint> points = listing.points().stream().filter(this::isWanted).toList();
    if (output.isJson()) {
      printJson(points, listing.damaged());
    } else {
      printText(points, listing.damaged());
    }
    return 0;
  }

  private boolean isWanted(InstancePoint point) {
    return server == null
        || server.equals(point.instance().name())
        || server.equals(point.instance().id().toString());
  }

  private void printJson(List<InstancePoint> points, List<DamagedPoint> damaged) {
    ObjectNode root = Json.object();
    ArrayNode list = root.putArray("restorePoints");
    for (InstancePoint point : points) {
      ObjectNode node = InstanceJson.point(point);
      point.disks().forEach(disk -> node.withArray("disks").add(InstanceJson.disk(disk)));
      list.add(node);
    }
    ArrayNode broken = root.putArray("damaged");
    for (DamagedPoint point : damaged) {
      broken
          .addObject()
          .put("restorePoint", point.point().toString())
          .put("message", point.failure().getMessage());
    }
    session.out().println(Json.text(root));
  }

  private void printText(List<InstancePoint> points, List<DamagedPoint> damaged) {
    PrintStream out = session.out();
    String heading = "";
    for (InstancePoint point : points) {
      String instance = point.instance().name() + " (" + point.instance().id() + ")";
      if (!instance.equals(heading)) {
        out.println(instance);
        heading = instance;
      }
      long disks = point.kept().count();
      long bytes = point.kept().mapToLong(InstanceDisk.Kept::sizeBytes).sum();
      out.printf(
          "  %s  %-7s  %s  %d %s, %s%s%n",
          point.id(),
          InstanceJson.point(point).get("consistency").stringValue(),
          Times.seconds(point.createdAt()),
          disks,
          disks == 1 ? "disk" : "disks",
          ByteSize.format(bytes),
          point.complete() ? "" : ", " + point.leftOut().count() + " LEFT OUT");
    }
    for (DamagedPoint point : damaged) {
      out.printf("  %s  DAMAGED: %s%n", point.point(), point.failure().getMessage());
    }
    if (points.isEmpty() && damaged.isEmpty()) {
      session
          .err()
          .println("kedge: there are no restore points of instances in " + target.location);
    }
  }
}
