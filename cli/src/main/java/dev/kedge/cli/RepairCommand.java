package dev.kedge.cli;

import dev.kedge.base.ByteSize;
import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.repair.LayerReport;
import dev.kedge.engine.repair.LayerReport.Outcome;
import dev.kedge.engine.repair.Repair;
import dev.kedge.engine.repair.SnapshotContent;
import dev.kedge.repository.FoundPoint;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Repository;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code kedge repair}. */
@Command(
    name = "repair",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Read again from Ceph what is damaged on the target.",
    description = {
      "",
      "Verifies, and gets what is damaged from the snapshot that Ceph keeps of an image's newest",
      "restore point. Whatever that still shows of an older restore point, too, is repaired; what",
      "was overwritten in the image since is lost, stays marked as damaged, and is named. Only",
      "what the checksums prove is written. Exits with 6 where damage is left. See",
      "docs/verification.md.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge repair --all --target /mnt/backup --dry-run",
      "  kedge repair --all --target /mnt/backup",
      "  kedge repair latest:rbd:volumes/db --target /mnt/backup"
    })
final class RepairCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "POINT|latest:rbd:…",
      description = "a restore point, with what it builds on")
  private @Nullable String point;

  @Option(names = "--all", description = "every restore point of every image")
  private boolean all;

  @Mixin private TargetFlag target = new TargetFlag();

  @Option(names = "--dry-run", description = "say what can be repaired, and change nothing")
  private boolean dryRun;

  @Mixin private CephFlags ceph = new CephFlags();
  @Mixin private OutputFlag output = new OutputFlag();

  RepairCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if ((point == null) == !all) {
      throw new KedgeException(
          ErrorCode.USAGE, "name either one restore point or --all, as in 'kedge repair --all'");
    }
    Repository repository = Repository.open(target.open());
    ProgressLine progress = new ProgressLine(session);
    List<LayerReport> reports = new ArrayList<>();
    int failed = 0;
    try (LazyCeph lazy = new LazyCeph(ceph)) {
      Repair repair =
          new Repair(
              newest -> SnapshotContent.open(lazy.get(), newest),
              repository.readers(),
              dryRun,
              progress,
              session.cancel());
      if (point == null) {
        for (ImageStore store : repository.images()) {
          int status = repairOneOfMany(repair, store, progress, reports);
          failed = failed == 0 ? status : failed;
        }
      } else {
        FoundPoint found = Repositories.find(repository, point);
        reports.addAll(repair.image(found.image(), found.manifest().id()));
      }
    } finally {
      progress.clear();
    }
    boolean whole = failed == 0 && reports.stream().allMatch(LayerReport::isWhole);
    if (output.isJson()) {
      session.out().println(Json.text(json(reports, whole)));
    } else {
      print(session.out(), reports, whole);
    }
    if (failed != 0) {
      return failed;
    }
    return whole ? 0 : ErrorCode.VERIFICATION_FAILED.exitStatus();
  }

  /** An image that is being backed up keeps no other from being repaired. */
  private static int repairOneOfMany(
      Repair repair, ImageStore store, ProgressLine progress, List<LayerReport> reports) {
    try {
      reports.addAll(repair.image(store, null));
      return 0;
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.BUSY) {
        throw e;
      }
      progress.note(String.valueOf(e.getMessage()));
      return e.code().exitStatus();
    }
  }

  private ObjectNode json(List<LayerReport> reports, boolean whole) {
    ObjectNode root = Json.object();
    root.put("dryRun", dryRun);
    root.put("sound", whole && (!dryRun || reports.isEmpty()));
    ArrayNode points = root.putArray("restorePoints");
    for (LayerReport report : reports) {
      ObjectNode node = points.addObject();
      node.put("restorePoint", report.point());
      node.put("image", report.image());
      node.put("outcome", name(report.outcome()));
      node.put("rereadBytes", report.rereadBytes());
      node.put("lostBytes", report.lostBytes());
      report.problems().forEach(node.putArray("problems")::add);
    }
    return root;
  }

  private static String name(Outcome outcome) {
    return outcome.name().toLowerCase(Locale.ROOT);
  }

  private void print(PrintStream out, List<LayerReport> reports, boolean whole) {
    for (LayerReport report : reports) {
      out.printf("%-10s  %s  %s", name(report.outcome()), report.point(), report.image());
      if (report.rereadBytes() > 0) {
        out.printf(
            "  %s %s",
            ByteSize.format(report.rereadBytes()), dryRun ? "to be read again" : "read again");
      }
      if (report.lostBytes() > 0) {
        out.printf("  %s lost", ByteSize.format(report.lostBytes()));
      }
      out.println();
      report.problems().forEach(problem -> out.println("            " + problem));
    }
    if (reports.isEmpty() && whole) {
      out.println("nothing is damaged");
    } else if (reports.stream().anyMatch(report -> !report.isWhole())) {
      out.println(
          "what is lost is in no backup any more; where the newest restore point is damaged, make"
              + " a new one with 'kedge backup … --full'");
    }
  }
}
