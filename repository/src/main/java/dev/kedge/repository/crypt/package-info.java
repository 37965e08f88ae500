/**
 * Encrypted repositories: an {@link dev.kedge.repository.crypt.EncryptedTarget} over any other
 * target encrypts what is written through it and proves what is read.
 *
 * <p>An object is a header and frames of AES-256-GCM under a key of its own, which {@link
 * dev.kedge.repository.crypt.FrameKey} derives from the repository's key and the header. A frame's
 * nonce is its number, and whether it is the last; the header, authenticated with every frame,
 * names the object. So frames can be neither changed, swapped, left out, cut off nor put under
 * another name. The repository's key itself lies in kedge.json, wrapped by a passphrase in each
 * {@link dev.kedge.repository.KeySlot}.
 *
 * <p>No frame is ever written twice: the same nonce for two contents would give both away. The
 * header cluster of a QCOW2 file, which is known last, keeps its frames waiting until then.
 */
@NullMarked
package dev.kedge.repository.crypt;

import org.jspecify.annotations.NullMarked;
