package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.Progress;
import dev.kedge.engine.retention.Expiry;
import dev.kedge.repository.FoundPoint;
import dev.kedge.repository.InstanceDisk;
import dev.kedge.repository.InstancePoint;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Repository;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code kedge instance delete}. */
@Command(
    name = "delete",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Delete one restore point of an instance.",
    description = {
      "",
      "Its disks' restore points go with it, but for those that other restore points of instances",
      "need, and the newest of each image, on which the next backup builds; 'kedge delete' removes",
      "these later.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {"  kedge instance delete 3f2a61c0 --target /mnt/backup"})
final class InstanceDeleteCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      index = "0",
      paramLabel = "POINT",
      description = "a restore point's id, or enough of its start")
  private String point = "";

  @Mixin private TargetFlag target = new TargetFlag();
  @Mixin private OutputFlag output = new OutputFlag();

  InstanceDeleteCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Repository repository = Repository.open(target.open());
    List<InstanceDisk.Kept> disks = disks(repository);
    // The record first: killed here, nothing refers to a disk that is gone.
    UUID deleted = repository.instances().delete(point);
    List<UUID> gone = new ArrayList<>();
    Map<UUID, String> stay = new LinkedHashMap<>();
    for (InstanceDisk.Kept disk : disks) {
      try {
        delete(repository, disk);
        gone.add(disk.point());
      } catch (KedgeException e) {
        stay.put(disk.point(), e.getMessage());
      }
    }
    print(deleted, gone, stay);
    return 0;
  }

  /** None where the record is damaged: nobody knows them any more. */
  private List<InstanceDisk.Kept> disks(Repository repository) {
    try {
      InstancePoint found = repository.instances().find(point);
      return found.kept().toList();
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.VERIFICATION_FAILED) {
        throw e;
      }
      session.err().println("kedge: " + e.getMessage() + "; its disks' restore points stay");
      return List.of();
    }
  }

  private void delete(Repository repository, InstanceDisk.Kept disk) {
    FoundPoint found = repository.findPoint(disk.point().toString());
    try (Lease lease = found.image().acquireLease()) {
      if (found.image().latest().filter(found.manifest()::equals).isPresent()) {
        throw new KedgeException(
            ErrorCode.REFUSED,
            "Restore point "
                + disk.point()
                + " of "
                + disk.image()
                + " is the newest one, and the next backup builds on it");
      }
      new Expiry(found.image(), Progress.NONE, session.cancel()).delete(disk.point(), lease);
    }
  }

  private void print(UUID deleted, List<UUID> gone, Map<UUID, String> stay) {
    if (output.isJson()) {
      ObjectNode node = Json.object();
      node.put("deleted", deleted.toString());
      gone.forEach(id -> node.withArray("deletedDisks").add(id.toString()));
      stay.forEach((id, why) ->
          node.withArray("keptDisks")
              .addObject()
              .put("restorePoint", id.toString())
              .put("message", why));
      session.out().println(Json.text(node));
      return;
    }
    session.out().println("deleted restore point " + deleted + " of an instance");
    gone.forEach(id -> session.out().println("  its disk " + id + " is deleted, too"));
    stay.values().forEach(why -> session.out().println("  stays: " + why));
  }
}
