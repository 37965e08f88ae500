package dev.kedge.cli;

import dev.kedge.base.ByteSize;
import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.restore.inplace.InPlaceResult;
import dev.kedge.engine.undo.UndoCommands;
import dev.kedge.openstack.restore.Made;
import dev.kedge.openstack.restore.RestoreOutcome;
import dev.kedge.openstack.restore.ServerInPlaceRestore.RestoredDisk;
import dev.kedge.openstack.restore.plan.PlanLine;
import dev.kedge.openstack.restore.plan.PlanReport;
import dev.kedge.repository.InstancePoint;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Prints what a restore of instances would do, or did. */
final class InstanceRestoreReport {
  private final Session session;
  private final boolean json;

  InstanceRestoreReport(Session session, boolean json) {
    this.session = session;
    this.json = json;
  }

  void print(PlanReport report) {
    if (json) {
      ObjectNode node = Json.object();
      node.put("possible", report.problems().isEmpty());
      ArrayNode lines = node.putArray("lines");
      for (PlanLine line : report.lines()) {
        lines
            .addObject()
            .put("action", line.kind().word())
            .put("object", line.what())
            .put("detail", line.detail());
      }
      session.out().println(Json.text(node));
      return;
    }
    for (PlanLine line : report.lines()) {
      session.out().printf("%-8s %s%n", line.kind().word(), line);
    }
  }

  void print(RestoreOutcome outcome) {
    if (json) {
      session.out().println(Json.text(node(outcome)));
      return;
    }
    for (Made made : outcome.made()) {
      session.out().println("made " + made.label());
    }
    for (RestoreOutcome.RestoredServer server : outcome.servers()) {
      session
          .out()
          .printf(
              Locale.ROOT,
              "restored instance %s as %s, %s, in %.1f s%n",
              server.name(),
              server.id(),
              server.status(),
              outcome.duration().toNanos() / 1e9);
    }
  }

  /**
   * Prints what was restored in place.
   *
   * @param target as {@code --target} takes it
   */
  void print(InstancePoint point, String target, Map<String, RestoredDisk> restored) {
    if (json) {
      ObjectNode node = Json.object();
      node.put("instanceId", point.instance().id().toString());
      ArrayNode disks = node.putArray("disks");
      restored.forEach((key, disk) -> {
        InPlaceResult result = disk.result();
        disks
            .addObject()
            .put("disk", key)
            .put("image", disk.image().toString())
            .put("restorePoint", result.point().id().toString())
            .put("method", result.method())
            .put("differingBytes", result.differingBytes())
            .put("writtenBytes", result.writtenBytes())
            .put("undoCommand", result.undoPoint() == null ? null : undoCommand(target, disk));
      });
      session.out().println(Json.text(node));
      return;
    }
    restored.forEach((key, disk) -> {
      InPlaceResult result = disk.result();
      session
          .out()
          .printf(
              "restored %s in place: %s differed, %s written%n",
              key,
              ByteSize.format(result.differingBytes()),
              ByteSize.format(result.writtenBytes()));
      if (result.undoPoint() != null) {
        session
            .out()
            .println("  take it back, the instance stopped:  " + undoCommand(target, disk));
      }
    });
  }

  private static String undoCommand(String target, RestoredDisk disk) {
    return new UndoCommands(target, disk.image()).undo();
  }

  private static ObjectNode node(RestoreOutcome outcome) {
    ObjectNode node = Json.object();
    node.put("restore", outcome.restore().toString());
    ArrayNode instances = node.putArray("instances");
    for (RestoreOutcome.RestoredServer server : outcome.servers()) {
      instances
          .addObject()
          .put("originalId", server.originalId())
          .put("id", server.id())
          .put("name", server.name())
          .put("status", server.status());
    }
    ArrayNode made = node.putArray("made");
    for (Made thing : outcome.made()) {
      made.addObject()
          .put("kind", thing.kind().name().toLowerCase(Locale.ROOT))
          .put("originalId", thing.original())
          .put("name", thing.name())
          .put("id", thing.id());
    }
    return node.put("durationSeconds", outcome.duration().toNanos() / 1e9);
  }

  /** Throws FAILED where something could not be removed. */
  void printCleanUp(List<String> left) {
    if (!left.isEmpty()) {
      throw new KedgeException(
          ErrorCode.FAILED,
          "not everything could be removed; run it again: " + String.join("; ", left));
    }
    session.out().println(json ? "{\"cleanedUp\": true}" : "everything that was made is removed");
  }
}
