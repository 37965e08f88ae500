/**
 * The same pipe the other way: {@link dev.kedge.engine.restore.ChunkPlanner} walks the merged chain
 * in ascending order and cuts it into chunks and holes → workers load and prove them ({@link
 * dev.kedge.engine.chain.PieceLoader}) → a {@link dev.kedge.engine.restore.RestoreSink} takes them
 * in order: an RBD image, a raw file, a QCOW2 file, or a stream.
 */
@NullMarked
package dev.kedge.engine.restore;

import org.jspecify.annotations.NullMarked;
