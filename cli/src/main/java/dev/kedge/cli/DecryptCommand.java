package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.restore.ChainExport;
import dev.kedge.engine.restore.Restore;
import dev.kedge.engine.restore.RestoreDestination;
import dev.kedge.repository.FoundPoint;
import dev.kedge.repository.Repository;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code kedge decrypt}. */
@Command(
    name = "decrypt",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Turn a restore point into plain QCOW2 files.",
    description = {
      "",
      "Needs the backup target and the passphrase, and nothing else: no Ceph, no server.",
      "Gives one file that stands alone, or with --chain the files of the restore point and",
      "of those it builds on as they were backed up. Every byte is checked on the way.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge decrypt latest:rbd:volumes/db --target /mnt/backup --to db.qcow2",
      "  kedge decrypt 3f2a --target /mnt/backup --chain --to /var/tmp/db",
      "  qemu-img info --backing-chain /var/tmp/db/3f2a….qcow2"
    })
final class DecryptCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      index = "0",
      paramLabel = "POINT|latest:rbd:…",
      description = "a restore point's id, or enough of its start; or the latest of an image")
  private String point = "";

  @Mixin private TargetFlag target = new TargetFlag();

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FILE.qcow2|FOLDER",
      description = "where to: a file, with --chain a folder")
  private String to = "";

  @Option(names = "--chain", description = "each layer as a file of its own")
  private boolean chain;

  @Option(names = "--overwrite", description = "replace what is there")
  private boolean overwrite;

  @Mixin private OutputFlag output = new OutputFlag();

  DecryptCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Path path = path();
    FoundPoint found = Repositories.find(Repository.open(target.open()), point);
    ProgressLine progress = new ProgressLine(session);
    List<Path> files;
    try {
      files = chain ? export(found, path, progress) : flatten(found, path, progress);
    } finally {
      progress.clear();
    }
    print(found, files);
    return 0;
  }

  private Path path() {
    boolean file = to.toLowerCase(Locale.ROOT).endsWith(".qcow2");
    if (file == chain) {
      throw new KedgeException(
          ErrorCode.USAGE,
          chain
              ? "--chain makes several files: give a folder to --to"
              : "'" + to + "' is no FILE.qcow2; with --chain it can be a folder");
    }
    return Path.of(to);
  }

  private List<Path> export(FoundPoint found, Path folder, ProgressLine progress) {
    return new ChainExport(found.image(), found.manifest().id(), progress, session.cancel())
        .run(folder, overwrite);
  }

  private List<Path> flatten(FoundPoint found, Path file, ProgressLine progress) {
    try (LazyCeph unused = new LazyCeph(new CephFlags())) {
      var _ =
          new Restore(
                  found.image(),
                  found.manifest().id(),
                  Runtime.getRuntime().availableProcessors(),
                  progress,
                  session.cancel())
              .run(new RestoreDestination.Qcow2File(file), overwrite, unused, session.stream());
    }
    return List.of(file);
  }

  private void print(FoundPoint found, List<Path> files) {
    if (output.isJson()) {
      ObjectNode node = Json.object();
      node.put("restorePoint", found.manifest().id().toString());
      node.put("image", found.manifest().image().identity().toString());
      node.put("sizeBytes", found.manifest().sizeBytes());
      node.put("file", files.getFirst().toString());
      files.forEach(file -> node.withArray("files").add(file.toString()));
      session.out().println(Json.text(node));
      return;
    }
    session
        .out()
        .printf(
            "decrypted %s of %s:%n", found.manifest().id(), found.manifest().image().identity());
    files.forEach(file -> session.out().println("  " + file));
  }
}
