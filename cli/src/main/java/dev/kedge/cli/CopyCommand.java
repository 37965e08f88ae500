package dev.kedge.cli;

import dev.kedge.base.ByteSize;
import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.RbdLocation;
import dev.kedge.engine.copy.Copy;
import dev.kedge.engine.copy.CopyRequest;
import dev.kedge.engine.copy.CopyResult;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.repository.FoundPoint;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Repository;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kedge copy}. */
@Command(
    name = "copy",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Copy restore points to another backup target.",
    description = {
      "",
      "A restore point goes with those that it builds on, under its id, and stays an",
      "increment. What is there already is left alone: the same command again goes on",
      "where one was interrupted, and --all keeps a mirror up to date. Every cluster is",
      "checked on the way; what is damaged is named and not copied (exit status 6). The",
      "targets may be encrypted or not, each with its own passphrase. Ceph is not needed.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge copy --all --from /mnt/backup --to /mnt/offsite",
      "  kedge copy --all --image rbd:volumes/db --from /mnt/backup --to /mnt/offsite",
      "  kedge copy latest:rbd:volumes/db --from /mnt/backup --to /media/usb --compression zstd",
      "  kedge copy 3f2a61c0 --flatten --from /mnt/backup --to /media/usb",
      "  kedge copy --instance 91c0 --from /mnt/backup --to /mnt/offsite",
      "  kedge init --target /mnt/vault --encrypt --passphrase-file /etc/kedge/vault",
      "  kedge copy --all --from /mnt/backup --to /mnt/vault --to-passphrase-file /etc/kedge/vault"
    })
final class CopyCommand implements Callable<Integer> {
  private static final String KEEP = "keep";

  private final Session session;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "POINT|latest:rbd:…",
      description = "a restore point's id, or enough of its start; or the latest of an image")
  private @Nullable String point;

  @Option(names = "--all", description = "every restore point, of images and of instances")
  private boolean all;

  @Option(
      names = "--image",
      paramLabel = "rbd:…",
      description = "with --all: every restore point of this image only")
  private @Nullable String image;

  @Option(
      names = "--instance",
      paramLabel = "POINT",
      description = "the restore point of an instance, with its disks")
  private @Nullable String instance;

  @Mixin private CopyTargets targets = new CopyTargets();

  @Option(
      names = "--compression",
      paramLabel = "keep|none|zstd|zlib",
      defaultValue = KEEP,
      description = "compress clusters, or not, at the new place (default: ${DEFAULT-VALUE})")
  private String compressionName = KEEP;

  @Option(
      names = "--cluster-size",
      paramLabel = "keep|4K..2M",
      defaultValue = KEEP,
      description = "QCOW2 cluster size at the new place (default: ${DEFAULT-VALUE})")
  private String clusterSizeText = KEEP;

  @Option(
      names = "--flatten",
      description = "make POINT a full restore point, without those that it builds on")
  private boolean flatten;

  @Option(
      names = "--max-rate",
      paramLabel = "RATE",
      description = "read at most this many bytes a second, as in 200M")
  private @Nullable String maxRate;

  @Mixin private OutputFlag output = new OutputFlag();

  CopyCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    requireOneSubject();
    CopyRequest request =
        new CopyRequest(
            compression(),
            clusterSize(),
            flatten,
            Runtime.getRuntime().availableProcessors(),
            LayerFlags.bytesPerSecond(maxRate));
    Repository source = targets.source();
    Subject subject = subject(source);
    Repository destination = targets.destination(source);
    ProgressLine progress = new ProgressLine(session);
    CopyResult result;
    try {
      result = subject.copy(new Copy(source, destination, request, progress, session.cancel()));
    } finally {
      progress.clear();
    }
    new CopyReport(session, source, destination).print(result, output.isJson());
    return result.code().map(ErrorCode::exitStatus).orElse(0);
  }

  private void requireOneSubject() {
    long subjects =
        Stream.of(point != null, all, instance != null).filter(Boolean::booleanValue).count();
    if (subjects != 1) {
      throw new KedgeException(
          ErrorCode.USAGE,
          "name one of POINT, --all and --instance POINT, as in 'kedge copy --all'");
    }
    if (image != null && !all) {
      throw new KedgeException(ErrorCode.USAGE, "--image is for --all, which is not given");
    }
    if (flatten && point == null) {
      throw new KedgeException(ErrorCode.USAGE, "--flatten is for one restore point: name it");
    }
  }

  /** What is to be copied, found before anything is made at the destination. */
  private interface Subject {
    CopyResult copy(Copy copy);
  }

  private Subject subject(Repository source) {
    if (point != null) {
      FoundPoint found = Repositories.find(source, point);
      return copy -> copy.point(found.image(), found.manifest().id());
    }
    if (instance != null) {
      var found = source.instances().find(instance);
      return copy -> copy.instance(found);
    }
    if (image != null) {
      RbdLocation location = RbdLocation.parse(image);
      ImageStore store = source.findImage(location.pool(), location.namespace(), location.image());
      return copy -> copy.image(store);
    }
    return Copy::all;
  }

  private @Nullable Compression compression() {
    if (compressionName.equals(KEEP)) {
      return null;
    }
    try {
      return Compression.valueOf(compressionName.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new KedgeException(
          ErrorCode.USAGE,
          "--compression " + compressionName + ": use keep, none, zstd or zlib",
          e);
    }
  }

  private @Nullable ClusterSize clusterSize() {
    return clusterSizeText.equals(KEEP) ? null : ClusterSize.of(ByteSize.parse(clusterSizeText));
  }
}
