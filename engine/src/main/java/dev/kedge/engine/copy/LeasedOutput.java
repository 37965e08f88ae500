package dev.kedge.engine.copy;

import dev.kedge.repository.Lease;
import dev.kedge.repository.ObjectOutput;
import java.nio.ByteBuffer;

/**
 * An object that is ended only while its writer holds the lease. A copy's files have the names of
 * their originals, so they may be another copier's by now. Not thread-safe.
 */
final class LeasedOutput implements ObjectOutput {
  private final ObjectOutput output;
  private final Lease lease;

  LeasedOutput(ObjectOutput output, Lease lease) {
    this.output = output;
    this.lease = lease;
  }

  @Override
  public void reserveHeader(int lengthBytes) {
    output.reserveHeader(lengthBytes);
  }

  @Override
  public void append(ByteBuffer bytes, Part part) {
    output.append(bytes, part);
  }

  @Override
  public void writeHeader(ByteBuffer header) {
    output.writeHeader(header);
  }

  @Override
  public long lengthBytes() {
    return output.lengthBytes();
  }

  @Override
  public void flush() {
    lease.renew();
    output.flush();
  }

  @Override
  public void close() {
    output.close();
  }
}
