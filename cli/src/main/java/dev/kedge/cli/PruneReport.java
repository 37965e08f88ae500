package dev.kedge.cli;

import dev.kedge.base.ByteSize;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.retention.ExpiryResult;
import dev.kedge.engine.retention.ImagePrune;
import dev.kedge.engine.retention.MergeResult;
import dev.kedge.engine.retention.RetentionPolicy.Verdict;
import dev.kedge.repository.InstancePoint;
import dev.kedge.repository.Manifest;
import java.io.PrintStream;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What a prune has to say, as text and as JSON. */
final class PruneReport {
  private final PrintStream out;
  private final boolean dryRun;
  private final ObjectNode root = Json.object();

  PruneReport(PrintStream out, boolean dryRun) {
    this.out = out;
    this.dryRun = dryRun;
    root.put("dryRun", dryRun);
    root.putArray("instances");
    root.putArray("images");
    root.putArray("failed");
  }

  /** Whether there was nothing to judge. */
  boolean isEmpty() {
    return root.get("instances").isEmpty()
        && root.get("images").isEmpty()
        && root.get("failed").isEmpty();
  }

  ObjectNode json() {
    return root;
  }

  void instance(Verdict<InstancePoint> verdict, boolean text) {
    InstancePoint point = verdict.point();
    ObjectNode node = root.withArray("instances").addObject();
    node.put("instanceId", point.instance().id().toString());
    node.put("name", point.instance().name());
    put(node, point.id(), point.createdAt(), verdict);
    if (text) {
      print("instance " + point.instance().name() + "  " + point.id(), point.createdAt(), verdict);
    }
  }

  void image(String image, ImagePrune prune, boolean text) {
    ObjectNode node = root.withArray("images").addObject();
    node.put("image", image);
    ArrayNode points = node.putArray("restorePoints");
    for (Verdict<Manifest> verdict : prune.verdicts()) {
      put(points.addObject(), verdict.point().id(), verdict.point().createdAt(), verdict);
    }
    node.setAll(result(prune.result()));
    if (!text) {
      return;
    }
    out.println(image);
    prune
        .verdicts()
        .forEach(
            verdict -> print("  " + verdict.point().id(), verdict.point().createdAt(), verdict));
    printResult(out, prune.result());
  }

  void failed(String image, KedgeException failure) {
    ObjectNode node = root.withArray("failed").addObject();
    node.put("image", image);
    node.putObject("error").put("code", failure.code().name()).put("message", failure.getMessage());
  }

  private static void put(ObjectNode node, UUID id, Instant createdAt, Verdict<?> verdict) {
    node.put("restorePoint", id.toString());
    node.put("createdAt", createdAt.toString());
    node.put("kept", verdict.isKept());
    verdict.reasons().forEach(node.putArray("reasons")::add);
  }

  private void print(String point, Instant createdAt, Verdict<?> verdict) {
    String what = verdict.isKept() ? "keep" : dryRun ? "would go" : "gone";
    out.printf(
        Locale.ROOT,
        "%s  %s  %-8s  %s%n",
        point,
        Times.seconds(createdAt),
        what,
        String.join(", ", verdict.reasons()));
  }

  /** What became of restore points; also what a deletion says. */
  static ObjectNode result(ExpiryResult result) {
    ObjectNode node = Json.object();
    ArrayNode deleted = node.putArray("deletedFiles");
    result.deleted().forEach(id -> deleted.add(id.toString()));
    ArrayNode retired = node.putArray("retired");
    result.retired().forEach(id -> retired.add(id.toString()));
    ArrayNode merges = node.putArray("merges");
    for (MergeResult merge : result.merges()) {
      ObjectNode one = merges.addObject();
      one.put("into", merge.child().toString());
      ArrayNode from = one.putArray("merged");
      merge.retired().forEach(id -> from.add(id.toString()));
      one.put("inPlace", merge.inPlace());
      one.put("writtenBytes", merge.writtenBytes());
      one.put("freedBytes", merge.freedBytes());
    }
    ArrayNode waiting = node.putArray("waiting");
    result.waiting().forEach(id -> waiting.add(id.toString()));
    node.put("writtenBytes", result.writtenBytes());
    node.put("freedBytes", result.freedBytes());
    result.notes().forEach(node.putArray("notes")::add);
    return node;
  }

  static void printResult(PrintStream out, ExpiryResult result) {
    for (MergeResult merge : result.merges()) {
      out.printf(
          Locale.ROOT,
          "  %d merged into %s %s: %s written%n",
          merge.retired().size(),
          merge.child(),
          merge.inPlace() ? "in place" : "as a new file",
          ByteSize.format(merge.writtenBytes()));
    }
    if (!result.waiting().isEmpty()) {
      out.printf(
          Locale.ROOT,
          "  %d hidden layers stay until more of them is dead%n",
          result.waiting().size());
    }
    if (result.freedBytes() >= 0) {
      out.printf(Locale.ROOT, "  space given back: %s%n", ByteSize.format(result.freedBytes()));
    }
    result.notes().forEach(note -> out.println("  note: " + note));
  }
}
