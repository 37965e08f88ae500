package dev.kedge.cli;

import dev.kedge.base.ByteSize;
import dev.kedge.ceph.CephCluster;
import dev.kedge.engine.restore.inplace.InPlaceRequest;
import dev.kedge.engine.restore.inplace.InPlaceRestore;
import dev.kedge.engine.restore.inplace.InPlaceResult;
import dev.kedge.engine.restore.inplace.InPlaceUndo;
import dev.kedge.engine.restore.inplace.UndoResult;
import dev.kedge.engine.undo.UndoCommands;
import dev.kedge.repository.Repository;
import dev.kedge.repository.UndoPoint;
import java.io.PrintStream;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code kedge restore --in-place}, {@code --undo} and {@code --discard-undo}. */
final class InPlaceRun {
  private final Session session;
  private final Repository repository;
  private final CephFlags ceph;
  private final InPlaceRequest request;
  private final boolean json;
  private final String moreWords;
  private final ProgressLine progress;

  InPlaceRun(
      Session session,
      Repository repository,
      CephFlags ceph,
      InPlaceRequest request,
      boolean json,
      String moreWords) {
    this.session = session;
    this.repository = repository;
    this.ceph = ceph;
    this.request = request;
    this.json = json;
    this.moreWords = moreWords;
    this.progress = new ProgressLine(session);
  }

  void restore(String point) {
    InPlaceResult result;
    try (CephCluster cluster = ceph.connect()) {
      result =
          new InPlaceRestore(
                  cluster,
                  repository,
                  Repositories.find(repository, point),
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
    if (json) {
      printJson(result);
    } else {
      print(result);
    }
  }

  private void printJson(InPlaceResult result) {
    ObjectNode node = Json.object();
    node.put("restorePoint", result.point().id().toString());
    node.put("image", result.point().image().identity().toString());
    node.put("destination", request.image().toString());
    node.put("sizeBytes", result.point().sizeBytes());
    node.put("sizeBytesBefore", result.sizeBefore());
    node.put("dataBytes", result.writtenBytes() - result.zeroedBytes());
    node.put("layers", result.layers());
    node.put("inPlace", true);
    node.put("method", result.method());
    node.put("reason", result.reason());
    putBytes(
        node,
        result.comparedBytes(),
        result.differingBytes(),
        result.writtenBytes(),
        result.zeroedBytes());
    UndoPoint undo = result.undoPoint();
    node.put("safetySnapshot", undo == null ? null : undo.snapshotName());
    node.put("undoCommand", undo == null ? null : undoCommand());
    node.put("discardUndoCommand", undo == null ? null : discardCommand());
    finish(node, result.duration().toNanos(), result.notes());
  }

  private void print(InPlaceResult result) {
    PrintStream out = session.out();
    out.printf(
        Locale.ROOT,
        "%s %s in place to %s of %s%n",
        request.dryRun() ? "would restore" : "restored",
        request.image(),
        result.point().id(),
        result.point().image().identity());
    printBytes(result.comparedBytes(), result.differingBytes(), result.duration().toNanos() / 1e9);
    out.printf("  what differs was found by %s: %s%n", result.method(), result.reason());
    if (result.sizeBefore() != result.point().sizeBytes()) {
      out.printf(
          "  size %s, was %s%n",
          ByteSize.format(result.point().sizeBytes()), ByteSize.format(result.sizeBefore()));
    }
    UndoPoint undo = result.undoPoint();
    if (undo != null) {
      out.printf(
          "  the state before is kept in snapshot %s%n  take it back:  %s%n  let it go:     %s%n",
          undo.snapshotName(), undoCommand(), discardCommand());
    }
  }

  void undo() {
    UndoResult result;
    try (CephCluster cluster = ceph.connect()) {
      result = newUndo(cluster).run();
    } finally {
      progress.clear();
    }
    result.notes().forEach(progress::note);
    if (json) {
      ObjectNode node = Json.object();
      node.put("destination", request.image().toString());
      putUndoPoint(node, result.point());
      node.put("sizeBytes", result.sizeBytes());
      putBytes(
          node,
          result.comparedBytes(),
          result.differingBytes(),
          result.writtenBytes(),
          result.zeroedBytes());
      finish(node, result.duration().toNanos(), result.notes());
      return;
    }
    session
        .out()
        .printf(
            "%s %s what it was before the in-place restore of %s%n",
            request.image(), request.dryRun() ? "would be" : "is", result.point().takenAt());
    printBytes(result.comparedBytes(), result.differingBytes(), result.duration().toNanos() / 1e9);
  }

  void discardUndo() {
    List<UndoPoint> discarded;
    try (CephCluster cluster = ceph.connect()) {
      discarded = newUndo(cluster).discard();
    }
    if (json) {
      ObjectNode node = Json.object();
      node.put("destination", request.image().toString());
      ArrayNode list = node.putArray("discarded");
      discarded.forEach(point -> putUndoPoint(list.addObject(), point));
      session.out().println(Json.text(node));
      return;
    }
    discarded.forEach(point ->
        session
            .out()
            .printf(
                "let go: the state of %s before the in-place restore of %s%n",
                request.image(), point.takenAt()));
  }

  private InPlaceUndo newUndo(CephCluster cluster) {
    return new InPlaceUndo(
        cluster,
        repository,
        request,
        Clock.systemUTC(),
        RandomGenerator.getDefault(),
        progress,
        session.cancel());
  }

  private String undoCommand() {
    return commands().undo() + ceph.words() + moreWords;
  }

  private String discardCommand() {
    return commands().discard() + ceph.words() + moreWords;
  }

  private UndoCommands commands() {
    return new UndoCommands(repository.location(), request.image());
  }

  /** What every command says of an undo point. */
  static void putUndoPoint(ObjectNode node, UndoPoint point) {
    node.put("safetySnapshot", point.snapshotName());
    node.put("takenAt", point.takenAt().toString());
    node.put("restorePoint", point.restorePoint().toString());
  }

  private void putBytes(ObjectNode node, long compared, long differing, long written, long zeroed) {
    node.put("dryRun", request.dryRun());
    node.put("comparedBytes", compared);
    node.put("differingBytes", differing);
    node.put("writtenBytes", written);
    node.put("zeroedBytes", zeroed);
  }

  private void finish(ObjectNode node, long nanos, List<String> notes) {
    node.put("durationSeconds", nanos / 1e9);
    notes.forEach(node.putArray("notes")::add);
    session.out().println(Json.text(node));
  }

  private void printBytes(long compared, long differing, double seconds) {
    session
        .out()
        .printf(
            Locale.ROOT,
            "  compared %s, %s %s, in %.1f s%n",
            ByteSize.format(compared),
            request.dryRun() ? "would write" : "wrote",
            ByteSize.format(differing),
            seconds);
  }
}
