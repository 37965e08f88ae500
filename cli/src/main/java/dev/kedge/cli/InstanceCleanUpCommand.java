package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.backup.StreamBackup;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.cleanup.Leftover;
import dev.kedge.openstack.cleanup.NovaLeftovers;
import dev.kedge.openstack.config.KedgeConfig;
import dev.kedge.openstack.copy.Copies;
import dev.kedge.openstack.disks.CephClusters;
import dev.kedge.repository.ImageIdentity;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Repository;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code kedge instance clean-up}. */
@Command(
    name = "clean-up",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Remove what backups left in the cloud and nobody else removes.",
    description = {
      "",
      "Nova keeps its own disks of a deleted instance where our snapshot is on them: they go",
      "where Nova says that the instance was deleted. So do temporary snapshots, volumes and",
      "images of --non-ceph copy that a killed backup left. Restore points stay.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge instance clean-up --target /mnt/backup --dry-run",
      "  kedge instance clean-up --target /mnt/backup --os-cloud prod-admin"
    })
final class InstanceCleanUpCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private TargetFlag target = new TargetFlag();

  @Option(names = "--dry-run", description = "only say what would be removed")
  private boolean dryRun;

  @Mixin private CloudFlags cloudFlags = new CloudFlags();
  @Mixin private OutputFlag output = new OutputFlag();

  InstanceCleanUpCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Repository repository = Repository.open(target.open());
    KedgeConfig config = cloudFlags.config();
    ProgressLine progress = new ProgressLine(session);
    List<Leftover> found = new ArrayList<>();
    try (OpenStack cloud = cloudFlags.open(session);
        CephClusters clusters = new CephClusters(config.clusters())) {
      if (!dryRun) {
        found.addAll(copies(repository, cloud, progress::note));
      }
      found.addAll(new NovaLeftovers(cloud, config, clusters, repository).run(dryRun));
    } finally {
      progress.clear();
    }
    print(found);
    return found.stream().anyMatch(leftover -> leftover.fate() == Leftover.Fate.LEFT)
        ? ErrorCode.FAILED.exitStatus()
        : 0;
  }

  private List<Leftover> copies(Repository repository, OpenStack cloud, Consumer<String> progress) {
    List<Leftover> left = new ArrayList<>();
    Copies copies = new Copies(cloud, Clock.systemUTC(), progress, session.cancel());
    for (ImageIdentity identity : copied(repository)) {
      try {
        StreamBackup.cleanUp(copies.of(identity), repository)
            .forEach(note -> left.add(new Leftover(identity.toString(), Leftover.Fate.LEFT, note)));
      } catch (KedgeException e) {
        left.add(new Leftover(identity.toString(), Leftover.Fate.LEFT, e.getMessage()));
      }
    }
    return left;
  }

  private List<ImageIdentity> copied(Repository repository) {
    List<ImageIdentity> copied = new ArrayList<>();
    for (ImageStore store : repository.images()) {
      try {
        ImageIdentity identity = store.identity();
        if (!identity.isOnCeph()) {
          copied.add(identity);
        }
      } catch (KedgeException e) {
        // Nobody knows what it is of, and the others are no worse for it.
        session.err().println("kedge: " + e.getMessage());
      }
    }
    return copied;
  }

  private void print(List<Leftover> found) {
    if (output.isJson()) {
      ObjectNode root = Json.object();
      root.put("dryRun", dryRun);
      ArrayNode list = root.putArray("leftovers");
      for (Leftover leftover : found) {
        list.addObject()
            .put("object", leftover.object())
            .put("fate", leftover.fate().name().toLowerCase(Locale.ROOT))
            .put("detail", leftover.detail());
      }
      session.out().println(Json.text(root));
      return;
    }
    if (found.isEmpty()) {
      session.out().println("nothing is left behind");
    }
    for (Leftover leftover : found) {
      session
          .out()
          .printf(
              "%-9s  %s: %s%n",
              leftover.fate().name().toLowerCase(Locale.ROOT),
              leftover.object(),
              leftover.detail());
    }
  }
}
