/**
 * A restore point with its ancestors as one readable whole: {@link
 * dev.kedge.engine.chain.RestorePointReader} opens the layers, {@link
 * dev.kedge.engine.chain.LayerSums} says what each stored cluster must hash to, {@link
 * dev.kedge.engine.chain.StoredPiece} names a visible stretch of one layer, and {@link
 * dev.kedge.engine.chain.PieceLoader} reads and proves it.
 */
@NullMarked
package dev.kedge.engine.chain;

import org.jspecify.annotations.NullMarked;
