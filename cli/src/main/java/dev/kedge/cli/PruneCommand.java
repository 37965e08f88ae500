package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.RbdLocation;
import dev.kedge.engine.retention.Prune;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Repository;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kedge prune}. */
@Command(
    name = "prune",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Let restore points go that a policy does not keep.",
    description = {
      "",
      "Each rule goes from the newest restore point to the oldest and keeps the newest of each",
      "period, in UTC, until it has kept so many; what no rule keeps goes. The newest one of an",
      "image always stays, and so does what a restore point of an instance names as its disk.",
      "Without an image the rules are applied to the restore points of instances first, then to",
      "every image. What goes is merged into the next restore point that stays, at the cost of",
      "what lies above the oldest that goes, never of the full one. It can be stopped at any time,",
      "and the next run goes on. See docs/retention.md.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge prune --target /mnt/backup --keep-daily 14 --keep-weekly 8 --dry-run",
      "  kedge prune --target /mnt/backup --keep-daily 14 --keep-weekly 8",
      "  kedge prune rbd:volumes/db --target /mnt/backup --keep-last 3 --output json"
    })
final class PruneCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "rbd:POOL[/NAMESPACE]/IMAGE",
      description = "only those of this image")
  private @Nullable String image;

  @Mixin private TargetFlag target = new TargetFlag();
  @Mixin private KeepFlags keep = new KeepFlags();

  @Option(names = "--dry-run", description = "say what would go, and change nothing")
  private boolean dryRun;

  @Mixin private OutputFlag output = new OutputFlag();

  PruneCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    var policy = keep.policy();
    Repository repository = Repository.open(target.open());
    ProgressLine progress = new ProgressLine(session);
    Prune prune = new Prune(repository, policy, dryRun, progress, session.cancel());
    PruneReport report = new PruneReport(session.out(), dryRun);
    int status = 0;
    try {
      if (image == null) {
        prune.instances().forEach(verdict -> report.instance(verdict, !output.isJson()));
      }
      for (ImageStore store : stores(repository)) {
        int failed = prune(prune, store, progress, report);
        status = status == 0 ? failed : status;
      }
    } finally {
      progress.clear();
    }
    if (output.isJson()) {
      session.out().println(Json.text(report.json()));
    } else if (report.isEmpty()) {
      session.err().println("kedge: there are no restore points in " + target.location);
    }
    return status;
  }

  private List<ImageStore> stores(Repository repository) {
    if (image == null) {
      return repository.images();
    }
    RbdLocation location = RbdLocation.parse(image);
    return List.of(repository.findImage(location.pool(), location.namespace(), location.image()));
  }

  /** What is wrong with one image keeps no other from being pruned. */
  private int prune(Prune prune, ImageStore store, ProgressLine progress, PruneReport report) {
    String name = name(store);
    try {
      var done = prune.image(store);
      progress.clear();
      if (!done.verdicts().isEmpty() || !done.result().merges().isEmpty()) {
        report.image(name, done, !output.isJson());
      }
      return 0;
    } catch (KedgeException e) {
      if (image != null || e.code() == ErrorCode.INTERRUPTED || isOfTarget(e)) {
        throw e;
      }
      progress.note(name + ": " + e.getMessage());
      report.failed(name, e);
      return e.code().exitStatus();
    }
  }

  private static boolean isOfTarget(KedgeException e) {
    return e.code() == ErrorCode.TARGET_FULL || e.code() == ErrorCode.TARGET_UNREACHABLE;
  }

  private static String name(ImageStore store) {
    try {
      return store.identity().toString();
    } catch (KedgeException e) {
      return "image " + store.imageId();
    }
  }
}
