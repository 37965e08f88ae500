package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.RbdLocation;
import dev.kedge.engine.restore.RestoreDestination;
import dev.kedge.engine.restore.inplace.InPlaceRequest;
import picocli.CommandLine.Option;

/** The words for a restore into an image that writes only what differs. */
final class InPlaceFlags {
  /** What is asked for. */
  enum Mode {
    /** A restore as a whole. */
    NONE,
    /** A restore of what differs. */
    IN_PLACE,
    /** The way back. */
    UNDO,
    /** To give the way back up. */
    DISCARD_UNDO
  }

  @Option(
      names = "--in-place",
      description = "write only what differs into the image, which keeps its identity")
  private boolean inPlace;

  @Option(names = "--undo", description = "take the latest --in-place back")
  private boolean undo;

  @Option(
      names = "--discard-undo",
      description = "give free what is kept for --undo; the image stays as it is")
  private boolean discardUndo;

  @Option(
      names = "--force",
      description = "with --in-place or --undo: even while a client uses the image")
  private boolean force;

  @Option(
      names = "--dry-run",
      description = "with --in-place or --undo: say how much would be written")
  private boolean dryRun;

  /**
   * What is asked for.
   *
   * @param hasPoint whether a restore point is named
   * @throws KedgeException with USAGE where the words contradict each other
   */
  Mode mode(RestoreDestination destination, boolean hasPoint, boolean overwrite) {
    Mode mode = mode();
    String word = word(mode);
    require(
        mode != Mode.NONE || !(force || dryRun),
        "--force and --dry-run go with --in-place or --undo");
    require(
        mode != Mode.DISCARD_UNDO || !(force || dryRun),
        "--discard-undo takes neither --force nor --dry-run");
    require(mode == Mode.NONE || !overwrite, word + " and --overwrite exclude each other");
    require(
        mode == Mode.NONE || destination instanceof RestoreDestination.Rbd,
        word + " needs --to rbd:POOL[/NAMESPACE]/IMAGE");
    boolean wantsPoint = mode == Mode.NONE || mode == Mode.IN_PLACE;
    require(hasPoint || !wantsPoint, "name a restore point: POINT, or latest:rbd:…");
    require(!hasPoint || wantsPoint, word + " takes no restore point: it knows what was before");
    return mode;
  }

  private Mode mode() {
    require(
        (inPlace ? 1 : 0) + (undo ? 1 : 0) + (discardUndo ? 1 : 0) < 2,
        "--in-place, --undo and --discard-undo exclude each other");
    if (inPlace) {
      return Mode.IN_PLACE;
    }
    if (undo) {
      return Mode.UNDO;
    }
    return discardUndo ? Mode.DISCARD_UNDO : Mode.NONE;
  }

  private static String word(Mode mode) {
    return switch (mode) {
      case NONE -> "";
      case IN_PLACE -> "--in-place";
      case UNDO -> "--undo";
      case DISCARD_UNDO -> "--discard-undo";
    };
  }

  private static void require(boolean right, String message) {
    if (!right) {
      throw new KedgeException(ErrorCode.USAGE, message);
    }
  }

  /** What to do to this image, with so many threads that read. */
  InPlaceRequest request(RbdLocation image, int readers) {
    return new InPlaceRequest(image, force, dryRun, readers);
  }
}
