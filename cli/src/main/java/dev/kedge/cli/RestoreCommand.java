package dev.kedge.cli;

import dev.kedge.base.ByteSize;
import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.RbdLocation;
import dev.kedge.engine.restore.Restore;
import dev.kedge.engine.restore.RestoreDestination;
import dev.kedge.engine.restore.RestoreResult;
import dev.kedge.repository.FoundPoint;
import dev.kedge.repository.Repository;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code kedge restore}. */
@Command(
    name = "restore",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Restore an image to Ceph, to a file or to a pipe.",
    description = {
      "",
      "Every cluster is checked on the way. The image or file gets its name when it is",
      "whole; a restore that fails or is stopped leaves nothing under that name. Holes",
      "stay holes.",
      "",
      "--in-place takes an image back by writing only what differs. The state before is",
      "kept in a snapshot until --undo goes back to it, or --discard-undo lets it go.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge restore latest:rbd:volumes/db --target /mnt/backup --to rbd:volumes/db-restored",
      "  kedge restore 3f2a --target /mnt/backup --to rbd:volumes/db --overwrite",
      "  kedge restore 3f2a --target /mnt/backup --to rbd:volumes/db --in-place",
      "  kedge restore --undo --target /mnt/backup --to rbd:volumes/db",
      "  kedge restore 3f2a --target /mnt/backup --to db.qcow2",
      "  kedge restore 3f2a --target /mnt/backup --to - | sha256sum"
    })
final class RestoreCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "POINT|latest:rbd:…",
      description = "a restore point's id, or enough of its start; or the latest of an image")
  private @Nullable String point;

  @Mixin private TargetFlag target = new TargetFlag();

  @Option(
      names = "--to",
      required = true,
      paramLabel = "rbd:POOL[/NAMESPACE]/IMAGE|FILE.raw|FILE.qcow2|-",
      description = "where to; - is standard output, raw")
  private String to = "";

  @Option(names = "--overwrite", description = "replace what is there")
  private boolean overwrite;

  @Mixin private InPlaceFlags inPlace = new InPlaceFlags();

  @Mixin private CephFlags ceph = new CephFlags();
  @Mixin private OutputFlag output = new OutputFlag();

  RestoreCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    RestoreDestination destination = RestoreDestination.parse(to);
    InPlaceFlags.Mode mode = inPlace.mode(destination, point != null, overwrite);
    String name = Objects.requireNonNullElse(point, "");
    if (mode != InPlaceFlags.Mode.NONE && destination instanceof RestoreDestination.Rbd rbd) {
      runInPlace(mode, name, rbd.location());
    } else {
      restore(name, destination);
    }
    return 0;
  }

  private void runInPlace(InPlaceFlags.Mode mode, String name, RbdLocation image) {
    Repository repository = Repository.open(target.open());
    InPlaceRun run =
        new InPlaceRun(
            session,
            repository,
            ceph,
            inPlace.request(image, repository.readers()),
            output.isJson(),
            target.words());
    switch (mode) {
      case IN_PLACE -> run.restore(name);
      case UNDO -> run.undo();
      case DISCARD_UNDO -> run.discardUndo();
      case NONE -> throw new IllegalArgumentException("not in place");
    }
  }

  private void restore(String name, RestoreDestination destination) {
    boolean stream = destination instanceof RestoreDestination.Stream;
    if (stream && session.isTerminalOut()) {
      throw new KedgeException(
          ErrorCode.USAGE, "--to - would write a disk to the terminal: redirect it, or pipe it");
    }
    ProgressLine progress = new ProgressLine(session);
    RestoreResult result;
    try (LazyCeph lazy = new LazyCeph(ceph)) {
      Repository repository = Repository.open(target.open());
      FoundPoint found = Repositories.find(repository, name);
      if (destination instanceof RestoreDestination.Rbd) {
        // Not sooner: a passphrase takes 64 MiB to check, and a name that is wrong needs no Ceph.
        lazy.prefetch();
      }
      result =
          new Restore(
                  found.image(),
                  found.manifest().id(),
                  repository.readers(),
                  progress,
                  session.cancel())
              .run(destination, overwrite, lazy, session.stream());
    } finally {
      progress.clear();
    }
    // Standard output is the disk itself where that was asked for.
    print(result, stream ? session.err() : session.out());
  }

  private void print(RestoreResult result, PrintStream out) {
    double seconds = Math.max(1e-3, result.duration().toNanos() / 1e9);
    if (output.isJson()) {
      ObjectNode node = Json.object();
      node.put("restorePoint", result.point().id().toString());
      node.put("image", result.point().image().identity().toString());
      node.put("destination", result.destination());
      node.put("sizeBytes", result.point().sizeBytes());
      node.put("dataBytes", result.dataBytes());
      node.put("layers", result.layers());
      node.put("durationSeconds", result.duration().toNanos() / 1e9);
      result.notes().forEach(node.putArray("notes")::add);
      out.println(Json.text(node));
      return;
    }
    out.printf(
        Locale.ROOT,
        "restored %s of %s to %s%n  %s of %s are data, written in %.1f s (%s/s)%n",
        result.point().id(),
        result.point().image().identity(),
        result.destination(),
        ByteSize.format(result.dataBytes()),
        ByteSize.format(result.point().sizeBytes()),
        seconds,
        ByteSize.format((long) (result.dataBytes() / seconds)));
  }
}
