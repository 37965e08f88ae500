package dev.kedge.cli;

import dev.kedge.base.ByteSize;
import dev.kedge.ceph.CephCluster;
import dev.kedge.engine.RbdLocation;
import dev.kedge.engine.backup.Backup;
import dev.kedge.engine.backup.BackupRequest;
import dev.kedge.engine.backup.BackupResult;
import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Repository;
import java.io.PrintStream;
import java.time.Clock;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code kedge backup}. */
@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Back up an RBD image.",
    description = {
      "",
      "The first backup of an image is a full one, each further one an increment. The",
      "backup target is made into a repository when it is empty. One snapshot stays on",
      "the image for each target; the next backup replaces it.",
      "",
      "An image that was renamed, migrated or deep-copied since its last backup is known by",
      "that snapshot, and goes on with its restore points. One that was moved in another way",
      "does with --moved-from. See docs/retention.md.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge backup rbd:volumes/volume-1 --target /mnt/backup",
      "  kedge backup rbd:volumes/prod/db --target /mnt/backup --compression zstd --max-rate 200M",
      "  kedge backup rbd:volumes/volume-1 --target /mnt/backup --output json",
      "  kedge backup rbd:ssd/volume-1 --moved-from rbd:volumes/volume-1 --target /mnt/backup"
    })
final class BackupCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(index = "0", paramLabel = "rbd:POOL[/NAMESPACE]/IMAGE", description = "the image")
  private String image = "";

  @Mixin private TargetFlag target = new TargetFlag();

  @Option(
      names = "--moved-from",
      paramLabel = "rbd:POOL[/NAMESPACE]/IMAGE",
      description = {
        "what the image was called when it was backed up last: its backups go on",
        "with those, and what differs from the newest of them is stored"
      })
  private @Nullable String movedFrom;

  @Mixin private LayerFlags layer = new LayerFlags();
  @Mixin private CephFlags ceph = new CephFlags();
  @Mixin private OutputFlag output = new OutputFlag();

  BackupCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    BackupRequest request =
        new BackupRequest(
            RbdLocation.parse(image),
            layer.options(Runtime.getRuntime().availableProcessors()),
            true,
            movedFrom == null ? null : RbdLocation.parse(movedFrom));
    BackupTarget place = target.openForBackup();
    ProgressLine progress = new ProgressLine(session);
    BackupResult result;
    // Ceph first: a backup that cannot be read makes no repository.
    try (CephCluster cluster = ceph.connect()) {
      Repository repository = Repositories.openForBackup(cluster, request.image(), place);
      result =
          new Backup(
                  cluster,
                  repository,
                  request,
                  Clock.systemUTC(),
                  RandomGenerator.getDefault(),
                  progress,
                  session.cancel())
              .run();
    } finally {
      progress.clear();
    }
    result.notes().forEach(progress::note);
    print(result, place.isEncrypted());
    return 0;
  }

  private void print(BackupResult result, boolean encrypted) {
    PrintStream out = session.out();
    Manifest point = result.manifest();
    if (output.isJson()) {
      ObjectNode node = Json.restorePoint(point, result.file());
      node.put("reason", result.reason());
      node.put("encrypted", encrypted);
      node.put("planSeconds", result.planning().toNanos() / 1e9);
      node.put("durationSeconds", result.duration().toNanos() / 1e9);
      result.notes().forEach(node.putArray("notes")::add);
      out.println(Json.text(node));
      return;
    }
    double seconds = Math.max(1e-3, result.duration().toNanos() / 1e9);
    out.printf(
        Locale.ROOT,
        "%s restore point %s of %s (%s)%n",
        Json.kind(point),
        point.id(),
        point.image().identity(),
        result.reason());
    out.printf(
        Locale.ROOT,
        "  read %s, stored %s in %.1f s (%s/s)%n",
        ByteSize.format(point.counts().readBytes()),
        ByteSize.format(point.counts().storedBytes()),
        seconds,
        ByteSize.format((long) (point.counts().readBytes() / seconds)));
    out.printf("  file %s%s%n", result.file(), encrypted ? Repositories.ENCRYPTED : "");
  }
}
