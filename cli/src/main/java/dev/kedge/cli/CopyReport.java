package dev.kedge.cli;

import dev.kedge.base.ByteSize;
import dev.kedge.engine.copy.CopiedPoint;
import dev.kedge.engine.copy.CopyFailure;
import dev.kedge.engine.copy.CopyResult;
import dev.kedge.repository.InstancePoint;
import dev.kedge.repository.Repository;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Says what came of a copy. */
final class CopyReport {
  private final Session session;
  private final Repository source;
  private final Repository destination;

  CopyReport(Session session, Repository source, Repository destination) {
    this.session = session;
    this.source = source;
    this.destination = destination;
  }

  void print(CopyResult result, boolean json) {
    for (CopyFailure failure : result.failures()) {
      session.err().println("kedge: " + failure.image() + ": " + failure.failure().getMessage());
    }
    if (json) {
      session.out().println(Json.text(json(result)));
    } else {
      text(result);
    }
  }

  private ObjectNode json(CopyResult result) {
    ObjectNode root = Json.object();
    root.put("from", source.location());
    root.put("to", destination.location());
    root.put("complete", result.failures().isEmpty());
    ArrayNode copied = root.putArray("copied");
    for (CopiedPoint point : result.copied()) {
      ObjectNode node =
          Json.restorePoint(
              point.copy(), Repositories.file(destination, point.store(), point.copy()));
      node.put("sourceFileBytes", point.source().file().lengthBytes());
      node.put("sameFile", point.byBytes());
      node.put("copySeconds", point.took().toMillis() / 1000.0);
      copied.add(node);
    }
    ArrayNode present = root.putArray("present");
    result.present().forEach(point -> present.add(point.id().toString()));
    add(root.putArray("copiedInstances"), result.copiedInstances());
    add(root.putArray("presentInstances"), result.presentInstances());
    ArrayNode failed = root.putArray("failed");
    for (CopyFailure failure : result.failures()) {
      ObjectNode node = failed.addObject();
      node.put("restorePoint", failure.point() == null ? null : failure.point().toString());
      node.put("image", failure.image());
      node.put("code", failure.failure().code().name());
      node.put("message", failure.failure().getMessage());
    }
    return root;
  }

  private static void add(ArrayNode array, List<InstancePoint> points) {
    points.forEach(point -> array.add(point.id().toString()));
  }

  private void text(CopyResult result) {
    for (CopiedPoint point : result.copied()) {
      session
          .out()
          .printf(
              "copied  %s  %s  %s  %s%n",
              point.copy().id(),
              point.copy().image().identity(),
              Json.kind(point.copy()),
              ByteSize.format(point.copy().file().lengthBytes()));
    }
    for (InstancePoint point : result.copiedInstances()) {
      session.out().printf("copied  %s  instance %s%n", point.id(), point.instance().name());
    }
    session
        .out()
        .printf(
            "%s copied to %s, %d there already%s%n",
            count(result.copied().size() + result.copiedInstances().size()),
            destination.location(),
            result.present().size() + result.presentInstances().size(),
            result.failures().isEmpty() ? "" : ", " + result.failures().size() + " NOT COPIED");
  }

  private static String count(int points) {
    return points == 1 ? "1 restore point" : points + " restore points";
  }
}
