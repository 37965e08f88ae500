package dev.kedge.qcow2;

/**
 * What a finished file holds.
 *
 * @param fileLengthBytes the length of the whole file, header included
 * @param dataBytes bytes of plain clusters
 * @param compressedBytes bytes of compressed payload, stored frames included
 * @param tableBytes header, tables and padding: everything else
 * @param dataClusters plain clusters
 * @param compressedClusters compressed clusters, stored frames included
 * @param storedClusters of those, the ones that did not get smaller and were packed as they are
 * @param zeroClusters clusters marked as zero
 */
public record WriterSummary(
    long fileLengthBytes,
    long dataBytes,
    long compressedBytes,
    long tableBytes,
    long dataClusters,
    long compressedClusters,
    long storedClusters,
    long zeroClusters) {}
