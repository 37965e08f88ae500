package dev.kedge.qcow2;

/** How the compressed clusters of a file are compressed. */
public enum Compression {
  /** No cluster is compressed. */
  NONE(0),
  /** One zstd frame per cluster; compression type 1, needs QEMU 5.1. */
  ZSTD(1),
  /** Raw deflate with a 12-bit window; compression type 0. */
  ZLIB(0);

  private final int headerValue;

  Compression(int headerValue) {
    this.headerValue = headerValue;
  }

  int headerValue() {
    return headerValue;
  }
}
