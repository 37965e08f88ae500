package dev.kedge.cli;

import dev.kedge.base.ByteSize;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.DamagedPoint;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointListing;
import dev.kedge.repository.Repository;
import dev.kedge.repository.UndoPoint;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code kedge list}. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "List restore points.",
    description = {"", "Reads the backup target alone; Ceph is not asked.", ""},
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge list --target /mnt/backup",
      "  kedge list --target /mnt/backup rbd:volumes/db --output json"
    })
final class ListCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "rbd:POOL[/NAMESPACE]/IMAGE",
      description = "only those of this image")
  private @Nullable String image;

  @Mixin private TargetFlag target = new TargetFlag();
  @Mixin private OutputFlag output = new OutputFlag();

  ListCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Repository repository = Repository.open(target.open());
    List<ImageStore> stores = stores(repository);
    if (output.isJson()) {
      printJson(repository, stores);
    } else {
      printText(stores);
    }
    return 0;
  }

  private List<ImageStore> stores(Repository repository) {
    if (image == null) {
      return repository.images();
    }
    return List.of(Repositories.image(repository, image));
  }

  private void printJson(Repository repository, List<ImageStore> stores) {
    ObjectNode root = Json.object();
    root.put("encrypted", repository.isEncrypted());
    ArrayNode points = root.putArray("restorePoints");
    ArrayNode damaged = root.putArray("damaged");
    ArrayNode undoPoints = root.putArray("undoPoints");
    for (ImageStore store : stores) {
      PointListing listing = store.points();
      for (Manifest point : listing.points()) {
        points.add(Json.restorePoint(point, Repositories.file(repository, store, point)));
      }
      for (DamagedPoint point : listing.damaged()) {
        damaged
            .addObject()
            .put("restorePoint", point.point().toString())
            .put("message", point.failure().getMessage());
      }
      for (UndoPoint point : undoPoints(store)) {
        InPlaceRun.putUndoPoint(
            undoPoints.addObject().put("image", heading(store, listing)), point);
      }
    }
    session.out().println(Json.text(root));
  }

  private void printText(List<ImageStore> stores) {
    boolean any = false;
    for (ImageStore store : stores) {
      PointListing listing = store.points();
      List<UndoPoint> undoPoints = undoPoints(store);
      if (listing.points().isEmpty() && listing.damaged().isEmpty() && undoPoints.isEmpty()) {
        continue;
      }
      any = true;
      session.out().println(heading(store, listing));
      for (Manifest point : listing.points()) {
        session
            .out()
            .printf(
                Locale.ROOT,
                "  %s  %-11s  %s  %9s of %9s%n",
                point.id(),
                Json.kind(point),
                Times.seconds(point.createdAt()),
                ByteSize.format(point.file().storedBytes()),
                ByteSize.format(point.sizeBytes()));
      }
      for (DamagedPoint point : listing.damaged()) {
        session.out().printf("  %s  DAMAGED: %s%n", point.point(), point.failure().getMessage());
      }
      for (UndoPoint point : undoPoints) {
        session
            .out()
            .printf(
                "  in-place restore of %s can be taken back; kept in snapshot %s%n",
                Times.seconds(point.takenAt()), point.snapshotName());
      }
    }
    if (!any) {
      session.err().println("kedge: there are no restore points in " + target.location);
    }
  }

  // What cannot be read hides nothing else.
  private List<UndoPoint> undoPoints(ImageStore store) {
    try {
      return store.undoPoints().stream().filter(point -> !point.released()).toList();
    } catch (KedgeException e) {
      session.err().println("kedge: " + e.getMessage());
      return List.of();
    }
  }

  // The manifests know the image's name, too: a damaged description hides nothing.
  private static String heading(ImageStore store, PointListing listing) {
    return listing
        .latest()
        .map(point -> point.image().identity().toString())
        .orElseGet(() -> described(store));
  }

  private static String described(ImageStore store) {
    try {
      return store.identity().toString();
    } catch (KedgeException e) {
      return "image " + store.imageId();
    }
  }
}
