/**
 * Proves what is stored: {@link dev.kedge.engine.verify.LayerVerifier} reads every byte of one
 * layer and compares it with the manifest and the checksums, {@link dev.kedge.engine.verify.Verify}
 * goes through chains, and through the source where asked.
 */
@NullMarked
package dev.kedge.engine.verify;

import org.jspecify.annotations.NullMarked;
