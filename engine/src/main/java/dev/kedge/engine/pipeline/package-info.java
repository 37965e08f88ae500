/**
 * What backup, restore and verification share: {@link dev.kedge.engine.pipeline.SegmentRing} bounds
 * the memory under way, {@link dev.kedge.engine.pipeline.OrderedPipeline} runs chunks through
 * parallel workers and hands them on in their order, {@link dev.kedge.engine.pipeline.RateLimit}
 * keeps the whole below a rate. Back-pressure comes from the ring alone.
 */
@NullMarked
package dev.kedge.engine.pipeline;

import org.jspecify.annotations.NullMarked;
