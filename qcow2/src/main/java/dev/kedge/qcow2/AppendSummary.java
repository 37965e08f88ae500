package dev.kedge.qcow2;

import java.nio.ByteBuffer;

/**
 * What a file that was appended to will be, once its first sector is {@code header}.
 *
 * @param fileLengthBytes its length
 * @param appendedBytes how much of that is new
 * @param deadBytes how much of what was there nothing will refer to any more
 * @param header the first 512 bytes to be written; what follows in the first cluster stays
 */
public record AppendSummary(
    long fileLengthBytes, long appendedBytes, long deadBytes, ByteBuffer header) {}
