/**
 * RBD images through librados and librbd, called with the foreign function API.
 *
 * <p>The way down: {@link dev.kedge.ceph.CephCluster} (a connection) opens a {@link
 * dev.kedge.ceph.RbdPool} (a pool and a namespace), which opens an {@link dev.kedge.ceph.RbdImage}
 * (an image, or one of its snapshots). An image tells its attributes, snapshots and changed
 * extents, and starts reads and writes as {@link dev.kedge.ceph.AioCompletion}s. A parent closes
 * its children before itself, so that handles can be closed in any order, by any thread.
 *
 * <p>{@code LibRados} and {@code LibRbd} hold the native symbols, resolved at first use; {@code
 * NativeHandle} keeps a handle alive while a call uses it; {@code CephErrors} turns every negative
 * return value into a {@link dev.kedge.base.KedgeException} that names the call, the errno and the
 * object.
 *
 * <p>Every method here may block in native code: call them on platform threads. A virtual thread
 * would hold its carrier for as long as Ceph takes to answer.
 */
@NullMarked
package dev.kedge.ceph;

import org.jspecify.annotations.NullMarked;
