/**
 * QCOW2: a streaming writer, a reader, chains and a consistency check; nothing here knows Ceph or a
 * repository.
 *
 * <p>Writing: {@link dev.kedge.qcow2.Qcow2Writer} takes clusters in ascending guest order and hands
 * bytes to an {@link dev.kedge.qcow2.AppendOutput}. Each L2 table follows the clusters it maps,
 * each refcount block follows the host clusters it counts; the L1 table, the refcount table and the
 * last refcount blocks end the file, and the header is written last. Nothing but the L1 table is
 * kept, and of that only the parts in use.
 *
 * <p>Reading: {@link dev.kedge.qcow2.Qcow2File} parses the header, keeps the L1 entries that are in
 * use and reads L2 tables in slices as extents are asked for; {@link dev.kedge.qcow2.Qcow2Chain}
 * merges the layers of a chain window by window; {@link dev.kedge.qcow2.ChainReader} turns extents
 * into bytes. {@link dev.kedge.qcow2.Qcow2Check} recounts every reference.
 *
 * <p>A file is hostile until shown otherwise. Damage (contradictions, truncation) is a {@link
 * dev.kedge.base.KedgeException} with VERIFICATION_FAILED; a feature we do not read, or a backing
 * name that leaves the directory, is REFUSED. Facts about the format come from QEMU's
 * docs/interop/qcow2.txt.
 */
@NullMarked
package dev.kedge.qcow2;

import org.jspecify.annotations.NullMarked;
