package dev.kedge.cli;

import dev.kedge.base.ByteSize;
import dev.kedge.engine.verify.PointReport;
import dev.kedge.repository.ForeignObject;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code kedge verify} found, for people and for scripts. For one thread. */
final class VerifyReport {
  private final List<PointReport> reports = new ArrayList<>();
  private final Instant began;
  private List<ForeignObject> foreign = List.of();

  VerifyReport(Instant began) {
    this.began = began;
  }

  void add(PointReport report) {
    reports.add(report);
  }

  void foreign(List<ForeignObject> objects) {
    foreign = objects;
  }

  /** Whether nothing is wrong; foreign objects are not. */
  boolean isSound() {
    return damaged() == 0;
  }

  private long damaged() {
    return reports.stream().filter(report -> !report.isSound()).count();
  }

  private long verifiedBytes() {
    return reports.stream().mapToLong(PointReport::verifiedBytes).sum();
  }

  ObjectNode json(Instant ended) {
    ObjectNode root = Json.object();
    root.put("sound", isSound());
    root.put("begunAt", began.toString());
    root.put("durationSeconds", Duration.between(began, ended).toMillis() / 1000.0);
    root.put("verifiedBytes", verifiedBytes());
    ArrayNode points = root.putArray("restorePoints");
    for (PointReport report : reports) {
      ObjectNode node = points.addObject();
      node.put("restorePoint", report.point());
      node.put("image", report.image());
      node.put("sound", report.isSound());
      node.put("coverage", report.coverage().name().toLowerCase(Locale.ROOT));
      node.put("verifiedBytes", report.verifiedBytes());
      Instant proven = report.provenAt();
      node.put("provenAt", proven == null ? null : proven.toString());
      node.put("source", report.source());
      report.problems().forEach(node.putArray("problems")::add);
    }
    ArrayNode objects = root.putArray("foreignObjects");
    foreign.forEach(
        object -> objects.addObject().put("name", object.name()).put("what", object.what()));
    return root;
  }

  static void print(PrintStream out, PointReport report) {
    out.printf(
        "%-7s  %s  %s  %s%s%n",
        report.isSound() ? "sound" : "DAMAGED",
        report.point(),
        report.image() == null ? "?" : report.image(),
        read(report),
        report.source() == null ? "" : "  source: " + report.source());
    report.problems().forEach(problem -> out.println("         " + problem));
  }

  private static String read(PointReport report) {
    Instant proven = report.provenAt();
    return switch (report.coverage()) {
      case WHOLE -> ByteSize.format(report.verifiedBytes());
      case PART ->
          ByteSize.format(report.verifiedBytes())
              + " of it"
              + (proven == null ? "" : ", whole on " + Times.seconds(proven));
      case PRESENCE -> proven == null ? "" : "proven " + Times.seconds(proven);
    };
  }

  void printEnd(PrintStream out) {
    for (ForeignObject object : foreign) {
      out.println("foreign  " + object.name() + ": " + object.what());
    }
    long bad = damaged();
    String read = ", " + ByteSize.format(verifiedBytes()) + " read";
    if (bad == 0) {
      out.println("all " + reports.size() + " restore points are sound" + read);
    } else {
      out.println(bad + " of " + reports.size() + " restore points are damaged" + read);
      out.println("what Ceph still has of them comes back by 'kedge repair --all'");
    }
  }
}
