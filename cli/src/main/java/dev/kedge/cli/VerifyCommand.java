package dev.kedge.cli;

import dev.kedge.base.ByteSize;
import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.verify.PointReport;
import dev.kedge.engine.verify.Verify;
import dev.kedge.repository.FoundPoint;
import dev.kedge.repository.Repository;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code kedge verify}. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Prove that restore points can be restored.",
    description = {
      "",
      "Reads every byte that is stored for a restore point and those that it builds on,",
      "and compares it with the checksums taken when it was backed up. Exits with 6 when",
      "anything is wrong. With --source the content is compared with the snapshot in",
      "Ceph too, which the newest restore point of each image has.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge verify --all --target /mnt/backup",
      "  kedge verify latest:rbd:volumes/db --target /mnt/backup --source"
    })
final class VerifyCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "POINT|latest:rbd:…",
      description = "a restore point's id, or enough of its start; or the latest of an image")
  private @Nullable String point;

  @Option(names = "--all", description = "every restore point of every image")
  private boolean all;

  @Mixin private TargetFlag target = new TargetFlag();

  @Option(names = "--source", description = "compare with the snapshot in Ceph, too")
  private boolean source;

  @Mixin private CephFlags ceph = new CephFlags();
  @Mixin private OutputFlag output = new OutputFlag();

  VerifyCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if ((point == null) == !all) {
      throw new KedgeException(
          ErrorCode.USAGE, "name either one restore point or --all, as in 'kedge verify --all'");
    }
    Repository repository = Repository.open(target.open());
    ProgressLine progress = new ProgressLine(session);
    List<PointReport> reports;
    try (LazyCeph lazy = new LazyCeph(ceph)) {
      Verify verify =
          new Verify(repository.readers(), source ? lazy : null, progress, session.cancel());
      if (point == null) {
        reports = verify.all(repository);
      } else {
        FoundPoint found = Repositories.find(repository, point);
        reports = verify.point(found.image(), found.manifest().id());
      }
    } finally {
      progress.clear();
    }
    print(reports);
    boolean sound = reports.stream().allMatch(PointReport::isSound);
    return sound ? 0 : ErrorCode.VERIFICATION_FAILED.exitStatus();
  }

  private void print(List<PointReport> reports) {
    PrintStream out = session.out();
    long bad = reports.stream().filter(report -> !report.isSound()).count();
    if (output.isJson()) {
      ObjectNode root = Json.object();
      root.put("sound", bad == 0);
      ArrayNode points = root.putArray("restorePoints");
      for (PointReport report : reports) {
        ObjectNode node = points.addObject();
        node.put("restorePoint", report.point());
        node.put("image", report.image());
        node.put("sound", report.isSound());
        node.put("verifiedBytes", report.verifiedBytes());
        node.put("source", report.source());
        report.problems().forEach(node.putArray("problems")::add);
      }
      out.println(Json.text(root));
      return;
    }
    for (PointReport report : reports) {
      out.printf(
          "%-7s  %s  %s  %s%s%n",
          report.isSound() ? "sound" : "DAMAGED",
          report.point(),
          report.image() == null ? "?" : report.image(),
          ByteSize.format(report.verifiedBytes()),
          report.source() == null ? "" : "  source: " + report.source());
      report.problems().forEach(problem -> out.println("         " + problem));
    }
    out.println(
        bad == 0
            ? "all " + reports.size() + " restore points are sound"
            : bad + " of " + reports.size() + " restore points are damaged");
  }
}
