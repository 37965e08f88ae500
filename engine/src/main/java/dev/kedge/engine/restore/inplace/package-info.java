/**
 * A restore into the image itself that writes only what differs. {@link
 * dev.kedge.engine.restore.inplace.CandidatePlanner} names the ranges that may differ: by the diff
 * since the latest restore point's snapshot and by what the restore points in between hold ({@link
 * dev.kedge.engine.restore.inplace.ChainDifference}), or, where there is no such snapshot or reason
 * to doubt, by the checksums of everything ({@link
 * dev.kedge.engine.restore.inplace.ChecksumComparison}). The restore's pipeline then runs twice
 * over these into a {@link dev.kedge.engine.restore.inplace.DifferenceSink}: first to compare and
 * to prove what is stored, then, with an undo point taken, to write.
 */
@NullMarked
package dev.kedge.engine.restore.inplace;

import org.jspecify.annotations.NullMarked;
