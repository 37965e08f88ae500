package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.engine.pipeline.ThrottledTarget;
import dev.kedge.engine.verify.PointReport;
import dev.kedge.engine.verify.Verify;
import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.FoundPoint;
import dev.kedge.repository.Repository;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kedge verify}. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Prove that restore points can be restored.",
    description = {
      "",
      "Reads what is stored for a restore point and those that it builds on, and compares it",
      "with the checksums taken when it was backed up. Exits with 6 when anything is wrong.",
      "What was proven when is remembered on the target, and 'kedge show' tells it. With",
      "--source the content is compared with the snapshot in Ceph too, which the newest restore",
      "point of each image has. See docs/verification.md.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge verify --all --target /mnt/backup",
      "  kedge verify --all --target /mnt/backup --outdated-after 30d --max-rate 50M",
      "  kedge verify --sample 5%% --target /mnt/backup --output json",
      "  kedge verify --since 36h --target /mnt/backup",
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

  @Mixin private VerifyFlags flags = new VerifyFlags();
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
    Instant now = Instant.now();
    flags.check(point, now);
    ProgressLine progress = new ProgressLine(session);
    VerifyReport report = new VerifyReport(now);
    Consumer<PointReport> heard =
        found -> {
          report.add(found);
          if (!output.isJson()) {
            progress.clear();
            VerifyReport.print(session.out(), found);
          }
        };
    try (LazyCeph lazy = new LazyCeph(ceph)) {
      verify(Repository.open(throttled()), lazy, progress, now, report, heard);
    } finally {
      progress.clear();
    }
    if (output.isJson()) {
      session.out().println(Json.text(report.json(Instant.now())));
    } else {
      report.printEnd(session.out());
    }
    return report.isSound() ? 0 : ErrorCode.VERIFICATION_FAILED.exitStatus();
  }

  private void verify(
      Repository repository,
      LazyCeph lazy,
      ProgressLine progress,
      Instant now,
      VerifyReport report,
      Consumer<PointReport> heard) {
    Verify verify =
        new Verify(repository.readers(), source ? lazy : null, progress, session.cancel());
    if (point == null) {
      report.foreign(repository.foreignObjects());
      verify.all(repository, flags.scope(repository, now), heard);
    } else {
      FoundPoint found = Repositories.find(repository, point);
      verify.point(found.image(), found.manifest().id()).forEach(heard);
    }
  }

  private BackupTarget throttled() {
    BackupTarget opened = target.open();
    long rate = flags.maxBytesPerSecond();
    return rate == 0 ? opened : new ThrottledTarget(opened, rate, session.cancel());
  }
}
