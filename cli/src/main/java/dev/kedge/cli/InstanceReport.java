package dev.kedge.cli;

import dev.kedge.base.ByteSize;
import dev.kedge.engine.backup.BackupResult;
import dev.kedge.openstack.capture.InstanceOutcome;
import dev.kedge.repository.InstanceDisk;
import dev.kedge.repository.InstancePoint;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Prints what became of instances in a backup. */
final class InstanceReport {
  private final Session session;

  InstanceReport(Session session) {
    this.session = session;
  }

  void printJson(List<InstanceOutcome> outcomes) {
    ObjectNode root = Json.object();
    ArrayNode instances = root.putArray("instances");
    ArrayNode failed = root.putArray("failed");
    for (InstanceOutcome outcome : outcomes) {
      switch (outcome) {
        case InstanceOutcome.Committed(InstancePoint point, Map<UUID, BackupResult> results) ->
            instances.add(committed(point, results));
        case InstanceOutcome.Failed failure -> {
          ObjectNode node = failed.addObject();
          node.put("instanceId", failure.server().id()).put("name", failure.server().name());
          node.putObject("error")
              .put("code", failure.failure().code().name())
              .put("message", failure.failure().getMessage());
        }
      }
    }
    session.out().println(Json.text(root));
    // Standard error has them in any case.
    outcomes.forEach(this::printFailure);
  }

  private static ObjectNode committed(InstancePoint point, Map<UUID, BackupResult> results) {
    ObjectNode node = InstanceJson.point(point);
    ArrayNode disks = node.putArray("disks");
    for (InstanceDisk disk : point.disks()) {
      ObjectNode json = InstanceJson.disk(disk);
      if (disk.content() instanceof InstanceDisk.Kept kept) {
        BackupResult result = Objects.requireNonNull(results.get(kept.point()));
        json.put("kind", Json.kind(result.manifest()))
            .put("reason", result.reason())
            .put("changedBytes", result.manifest().counts().changedBytes())
            .put("readBytes", result.manifest().counts().readBytes())
            .put("storedBytes", result.manifest().counts().storedBytes())
            .put("file", result.file())
            .put("durationSeconds", result.duration().toNanos() / 1e9);
        result.notes().forEach(json.putArray("notes")::add);
      }
      disks.add(json);
    }
    return node;
  }

  void printText(List<InstanceOutcome> outcomes) {
    for (InstanceOutcome outcome : outcomes) {
      if (outcome
          instanceof
          InstanceOutcome.Committed(InstancePoint point, Map<UUID, BackupResult> results)) {
        print(point, results);
      } else {
        printFailure(outcome);
      }
    }
  }

  private void print(InstancePoint point, Map<UUID, BackupResult> results) {
    PrintStream out = session.out();
    out.printf(
        Locale.ROOT,
        "restore point %s of instance %s (%s)%n",
        point.id(),
        point.instance().name(),
        InstanceJson.consistency(point));
    for (InstanceDisk disk : point.disks()) {
      switch (disk.content()) {
        case InstanceDisk.Kept kept -> {
          BackupResult result = Objects.requireNonNull(results.get(kept.point()));
          out.printf(
              "  %-14s %-11s read %s, stored %s of %s%n",
              InstanceJson.label(disk),
              Json.kind(result.manifest()),
              ByteSize.format(result.manifest().counts().readBytes()),
              ByteSize.format(result.manifest().counts().storedBytes()),
              ByteSize.format(kept.sizeBytes()));
          result.notes().forEach(this::note);
        }
        case InstanceDisk.LeftOut(String reason) ->
            out.printf("  %-14s LEFT OUT: %s%n", InstanceJson.label(disk), reason);
      }
    }
    point.notes().forEach(note -> note(point.instance().name() + ": " + note));
  }

  private void printFailure(InstanceOutcome outcome) {
    if (outcome instanceof InstanceOutcome.Failed failed) {
      note(failed.server().label() + ": " + failed.failure().getMessage());
    }
  }

  private void note(String text) {
    session.err().println("kedge: " + text);
  }
}
