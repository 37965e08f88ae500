/**
 * Copies restore points from one repository to another: {@code Copy} takes what is asked for apart
 * into images, {@code ImageCopy} holds the destination's lease of one of them and goes through its
 * restore points, parents first, and {@code PointCopy} writes the files of one, byte by byte
 * ({@code LayerBytes}) or cluster by cluster ({@code engine.backup.LayerRewrite}). Either way each
 * stored cluster is proven before it counts.
 */
@NullMarked
package dev.kedge.engine.copy;

import org.jspecify.annotations.NullMarked;
