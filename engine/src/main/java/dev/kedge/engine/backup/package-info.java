/**
 * One backup: {@link dev.kedge.engine.backup.Backup} holds the lease and the order of the commit,
 * {@link dev.kedge.engine.backup.KindChoice} says which backup comes, and the data goes one way:
 * {@link dev.kedge.engine.backup.ChunkReader} (plan to asynchronous reads) → {@link
 * dev.kedge.engine.backup.ChunkTransform} (zero test, checksum, comparison, compression, on
 * workers) → {@link dev.kedge.engine.backup.LayerWriter} (QCOW2 and checksums, in order).
 */
@NullMarked
package dev.kedge.engine.backup;

import org.jspecify.annotations.NullMarked;
