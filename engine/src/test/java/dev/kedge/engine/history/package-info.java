/**
 * Images with a past, against a real Ceph: {@link dev.kedge.engine.history.ImageKind} makes an
 * image, {@link dev.kedge.engine.history.History} does to it what users and other programs do, and
 * {@link dev.kedge.engine.history.BackedUpImage} backs it up and compares every restore point with
 * what {@code rbd export} says its snapshot holds.
 */
@NullMarked
package dev.kedge.engine.history;

import org.jspecify.annotations.NullMarked;
