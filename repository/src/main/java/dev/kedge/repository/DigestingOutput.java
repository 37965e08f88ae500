package dev.kedge.repository;

import dev.kedge.qcow2.AppendOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;

/**
 * Passes a QCOW2 file on to its object and computes the digest of everything in it that is not a
 * plain cluster: tables and compressed clusters in the order in which they are appended, the header
 * last. Plain clusters are covered by the sums file, so that every byte is covered once and none is
 * hashed twice. Not thread-safe.
 */
public final class DigestingOutput implements AppendOutput {
  private final AppendOutput output;
  private final ChecksumStream digest = new ChecksumStream();
  private final Map<Part, Long> bytesByPart = new EnumMap<>(Part.class);
  private long headerBytes;

  /** Writes to the given output, which stays the caller's to flush and close. */
  public DigestingOutput(AppendOutput output) {
    this.output = output;
  }

  @Override
  public void reserveHeader(int lengthBytes) throws IOException {
    output.reserveHeader(lengthBytes);
    headerBytes = lengthBytes;
  }

  @Override
  public void append(ByteBuffer bytes, Part part) throws IOException {
    if (part != Part.PLAIN_CLUSTERS) {
      digest.update(bytes);
    }
    bytesByPart.merge(part, (long) bytes.remaining(), Long::sum);
    output.append(bytes, part);
  }

  @Override
  public long leastCopyBytes() {
    return output.leastCopyBytes();
  }

  @Override
  public void copyRange(String object, long position, long lengthBytes) throws IOException {
    bytesByPart.merge(Part.PLAIN_CLUSTERS, lengthBytes, Long::sum);
    output.copyRange(object, position, lengthBytes);
  }

  @Override
  public void writeHeader(ByteBuffer header) throws IOException {
    digest.update(header);
    output.writeHeader(header);
  }

  /** How many bytes of a kind were appended. */
  public long bytes(Part part) {
    return bytesByPart.getOrDefault(part, 0L);
  }

  /** The length of the file so far: the reserved header and everything appended. */
  public long lengthBytes() {
    long sum = headerBytes;
    for (long bytes : bytesByPart.values()) {
      sum += bytes;
    }
    return sum;
  }

  /** The digest; complete once the header is written. */
  public Checksum tablesDigest() {
    return digest.checksum();
  }
}
