package dev.kedge.engine.undo;

import dev.kedge.engine.RbdLocation;
import dev.kedge.repository.UndoPoint;

/**
 * How a restore into an image is taken back by hand.
 *
 * @param target the backup target, as {@code --target} takes it
 * @param image the image, as {@code --to} takes it
 */
public record UndoCommands(String target, RbdLocation image) {
  /** Goes back to the state before. */
  public String undo() {
    return command("--undo");
  }

  /** Gives the space of the state before free. */
  public String discard() {
    return command("--discard-undo");
  }

  private String command(String option) {
    return "kedge restore " + option + " --target " + target + " --to " + image;
  }

  /** Reminds that a state is kept. */
  public String reminder(UndoPoint kept) {
    return "the state before the in-place restore of "
        + kept.takenAt()
        + " is kept in snapshot "
        + kept.snapshotName()
        + " and takes space in Ceph: go back to it with '"
        + undo()
        + "', or let it go with '"
        + discard()
        + "'";
  }
}
