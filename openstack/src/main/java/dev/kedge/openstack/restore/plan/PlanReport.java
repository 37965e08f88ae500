package dev.kedge.openstack.restore.plan;

import java.util.ArrayList;
import java.util.List;

/** What a plan will do, line by line. For one thread while it is filled. */
public final class PlanReport {
  private final List<PlanLine> lines = new ArrayList<>();

  /** Everything, in the order in which it was found. */
  public List<PlanLine> lines() {
    return List.copyOf(lines);
  }

  /** What cannot work. */
  public List<PlanLine> problems() {
    return lines.stream().filter(line -> line.kind() == PlanLine.Kind.PROBLEM).toList();
  }

  void create(String what, String detail) {
    lines.add(new PlanLine(PlanLine.Kind.CREATE, what, detail));
  }

  void reuse(String what, String detail) {
    lines.add(new PlanLine(PlanLine.Kind.REUSE, what, detail));
  }

  void leave(String what, String detail) {
    lines.add(new PlanLine(PlanLine.Kind.LEAVE, what, detail));
  }

  void problem(String what, String detail) {
    lines.add(new PlanLine(PlanLine.Kind.PROBLEM, what, detail));
  }
}
