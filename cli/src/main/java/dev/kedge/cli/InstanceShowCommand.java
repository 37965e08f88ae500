package dev.kedge.cli;

import dev.kedge.base.ByteSize;
import dev.kedge.repository.InstanceDisk;
import dev.kedge.repository.InstancePoint;
import dev.kedge.repository.Repository;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code kedge instance show}. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Show one restore point of an instance.",
    description = {
      "",
      "With --output json all that the cloud said of the instance is in 'raw', user data among it.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge instance show 3f2a --target /mnt/backup",
      "  kedge instance show 3f2a --target /mnt/backup --output json"
    })
final class InstanceShowCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      index = "0",
      paramLabel = "POINT",
      description = "a restore point's id, or enough of its start")
  private String point = "";

  @Mixin private TargetFlag target = new TargetFlag();
  @Mixin private OutputFlag output = new OutputFlag();

  InstanceShowCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    InstancePoint found = Repository.open(target.open()).instances().find(point);
    if (output.isJson()) {
      ObjectNode node = InstanceJson.point(found);
      found.disks().forEach(disk -> node.withArray("disks").add(InstanceJson.disk(disk)));
      node.put("writer", found.writer());
      node.set("raw", found.raw());
      session.out().println(Json.text(node));
    } else {
      print(found);
    }
    return 0;
  }

  private void print(InstancePoint found) {
    PrintStream out = session.out();
    InstancePoint.Instance instance = found.instance();
    line("restore point", found.id());
    line("instance", instance.name() + " (" + instance.id() + ")");
    line("project", instance.projectId());
    line(
        "cloud",
        instance.cloud() + (instance.region() == null ? "" : ", region " + instance.region()));
    line("made", Times.seconds(found.createdAt()) + " by " + found.writer());
    line("consistency", InstanceJson.consistency(found));
    for (InstanceDisk disk : found.disks()) {
      String name = InstanceJson.label(disk) + (disk.boot() ? " (boot)" : "");
      switch (disk.content()) {
        case InstanceDisk.Kept kept ->
            line(
                "disk",
                name
                    + ": restore point "
                    + kept.point()
                    + " of "
                    + kept.image()
                    + ", "
                    + ByteSize.format(kept.sizeBytes())
                    + (disk.encryptionKeyId() == null ? "" : ", encrypted"));
        case InstanceDisk.LeftOut(String reason) -> line("disk", name + ": LEFT OUT: " + reason);
      }
    }
    found.notes().forEach(note -> line("note", note));
    out.flush();
  }

  private void line(String name, Object value) {
    session.out().printf("%-14s %s%n", name, value);
  }
}
