package dev.kedge.cli;

import dev.kedge.base.ByteSize;
import dev.kedge.repository.FoundPoint;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Repository;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.ObjectNode;

/** {@code kedge show}. */
@Command(
    name = "show",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Show one restore point.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge show 3f2a --target /mnt/backup",
      "  kedge show latest:rbd:volumes/db --target /mnt/backup --output json"
    })
final class ShowCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(
      index = "0",
      paramLabel = "POINT|latest:rbd:…",
      description = "a restore point's id, or enough of its start; or the latest of an image")
  private String point = "";

  @Mixin private TargetFlag target = new TargetFlag();
  @Mixin private OutputFlag output = new OutputFlag();

  ShowCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Repository repository = Repository.open(target.open());
    FoundPoint found = Repositories.find(repository, point);
    Manifest manifest = found.manifest();
    String file = Repositories.file(repository, found.image(), manifest);
    String shown = file + (repository.isEncrypted() ? Repositories.ENCRYPTED : "");
    List<Manifest> chain = found.image().chain(manifest.id());
    List<Manifest> children = found.image().points().childrenOf(manifest.id());
    if (output.isJson()) {
      ObjectNode node = Json.restorePoint(manifest, file);
      chain.forEach(layer -> node.withArray("chain").add(layer.id().toString()));
      node.putArray("children");
      children.forEach(child -> node.withArray("children").add(child.id().toString()));
      Manifest.Image image = manifest.image();
      node.putObject("source")
          .put("clusterFsid", image.identity().clusterFsid())
          .put("rbdId", image.rbdId())
          .put("objectSizeBytes", image.objectSizeBytes())
          .put("stripeUnitBytes", image.stripeUnitBytes())
          .put("stripeCount", image.stripeCount())
          .put("features", image.features())
          .put("dataPool", image.dataPool());
      node.put("fencingToken", manifest.fencingToken());
      node.put("writer", manifest.writer());
      node.put("encrypted", repository.isEncrypted());
      session.out().println(Json.text(node));
    } else {
      print(manifest, shown, chain, children, found.image());
    }
    return 0;
  }

  private void print(
      Manifest point,
      String file,
      List<Manifest> chain,
      List<Manifest> children,
      ImageStore store) {
    PrintStream out = session.out();
    Manifest.Counts counts = point.counts();
    line(out, "restore point", point.id());
    line(out, "image", point.image().identity());
    line(out, "made", Times.seconds(point.createdAt()) + " by " + point.writer());
    line(out, "kind", Json.kind(point));
    line(out, "builds on", ids(chain.subList(1, chain.size())));
    line(out, "needed by", ids(children));
    line(out, "image size", size(point.sizeBytes()));
    line(out, "changed", size(counts.changedBytes()) + " in " + counts.extents() + " extents");
    line(out, "read", size(counts.readBytes()));
    line(out, "zeroes", size(counts.zeroBytes()));
    line(out, "stored", size(counts.storedBytes()));
    line(out, "snapshot", point.snapshot().name());
    line(
        out,
        "file",
        file
            + " ("
            + size(point.file().lengthBytes())
            + ", clusters of "
            + ByteSize.format(point.file().clusterSizeBytes())
            + ", compression "
            + point.file().compression()
            + ")");
    line(out, "took", String.format(Locale.ROOT, "%.1f s", point.durationSeconds()));
    line(out, "image id", store.imageId());
  }

  private static void line(PrintStream out, String name, Object value) {
    out.printf("%-14s %s%n", name, value);
  }

  private static String ids(List<Manifest> points) {
    return points.isEmpty()
        ? "none"
        : points.stream().map(point -> point.id().toString()).collect(Collectors.joining(", "));
  }

  private static String size(long bytes) {
    return bytes < 1024 ? ByteSize.format(bytes) : ByteSize.format(bytes) + " (" + bytes + ")";
  }
}
