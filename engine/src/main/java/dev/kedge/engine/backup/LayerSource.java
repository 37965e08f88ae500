package dev.kedge.engine.backup;

import dev.kedge.engine.chain.RestorePointReader;

/**
 * What of a restore point is to be written again.
 *
 * @param reader the layer alone, or with its ancestors where their content is needed
 * @param whole whether everything that shows is meant, and not just what the newest layer holds
 */
public record LayerSource(RestorePointReader reader, boolean whole) {}
