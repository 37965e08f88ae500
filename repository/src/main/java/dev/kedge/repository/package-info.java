/**
 * Backup targets and what Kedge keeps on them.
 *
 * <p>The pipeline of a backup goes through this package from top to bottom: a {@link
 * dev.kedge.repository.Repository} on a {@link dev.kedge.repository.BackupTarget} holds one {@link
 * dev.kedge.repository.ImageStore} per image; a {@link dev.kedge.repository.Lease} makes this
 * process its only writer and notes what it is about to create; the clusters go to an {@link
 * dev.kedge.repository.ObjectOutput} through a {@link dev.kedge.repository.DigestingOutput}, their
 * checksums to a {@link dev.kedge.repository.SumsWriter}; the {@link dev.kedge.repository.Manifest}
 * written last, and only if nothing of its name is there, makes the restore point exist. Whatever
 * is left by a killed run, {@code ImageStore.cleanUp} removes.
 *
 * <p>Nothing above {@code BackupTarget} knows about files, so that an object store or encryption
 * fits behind it.
 */
@NullMarked
package dev.kedge.repository;

import org.jspecify.annotations.NullMarked;
