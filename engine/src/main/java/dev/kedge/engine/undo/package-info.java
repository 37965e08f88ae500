/**
 * The states of an image that a restore into it can be taken back to: {@link
 * dev.kedge.engine.undo.UndoStack} keeps their RBD snapshots and their description on the backup
 * target in step, whoever is killed in between.
 */
@NullMarked
package dev.kedge.engine.undo;

import org.jspecify.annotations.NullMarked;
