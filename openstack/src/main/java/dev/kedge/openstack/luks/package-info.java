/**
 * LUKS version 1, as QEMU and Cinder make encrypted volumes on RBD: only the header, in which a
 * volume's key is kept under passphrases. The data is never decrypted.
 */
@NullMarked
package dev.kedge.openstack.luks;

import org.jspecify.annotations.NullMarked;
