package dev.kedge.repository.crypt;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** What encryption costs by frame size and by whom it is done; run by bench/frames. */
final class FrameBench {
  private static final long BYTES = 1L << 30;
  private static final int RUNS = 3;

  private FrameBench() {}

  /** Prints CPU-seconds for each GB; {@code jce} as an argument adds the JDK's own. */
  public static void main(String[] args) {
    for (int frameBytes : List.of(16 << 10, 64 << 10, 256 << 10, 1 << 20)) {
      FrameCipher openSsl = Objects.requireNonNull(OpenSslCipher.create(), "no libcrypto");
      measure("libcrypto", openSsl, frameBytes, BYTES);
      if (args.length > 0) {
        measure("JDK", new JceCipher(), frameBytes, BYTES / 16);
      }
    }
    Argon2 argon2 = Argon2.DEFAULT;
    byte[] salt = new byte[16];
    LibArgon2 library = Objects.requireNonNull(LibArgon2.INSTANCE, "no libargon2");
    long start = cpuNanos();
    library.key(argon2, new byte[8], salt);
    System.out.printf(Locale.ROOT, "libargon2      %s: %.3f CPU-s%n", argon2, seconds(start));
    if (args.length > 0) {
      start = cpuNanos();
      BouncyArgon2.key(argon2, new byte[8], salt);
      System.out.printf(Locale.ROOT, "Bouncy Castle  %s: %.3f CPU-s%n", argon2, seconds(start));
    }
  }

  private static void measure(String who, FrameCipher cipher, int frameBytes, long bytes) {
    FrameKey key =
        FrameKey.ofObject(
            RepositoryKey.create(), ObjectHeader.create("bench", frameBytes, new SecureRandom()));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment content = arena.allocate(frameBytes);
      MemorySegment sealed = arena.allocate(frameBytes + (long) FrameLayout.TAG_BYTES);
      for (int run = 0; run < RUNS; run++) {
        long start = cpuNanos();
        cipher.use(key, true);
        for (long frame = 0; frame < bytes / frameBytes; frame++) {
          cipher.seal(frame, false, content, sealed);
        }
        double sealing = seconds(start) * 1e9 / bytes;
        start = cpuNanos();
        cipher.use(key, false);
        for (long i = 0; i < bytes / frameBytes; i++) {
          if (!cipher.unseal(bytes / frameBytes - 1, false, sealed, content)) {
            throw new IllegalStateException("does not decrypt");
          }
        }
        System.out.printf(
            Locale.ROOT,
            "%-10s frames of %4d KiB, run %d: encrypt %.3f, decrypt %.3f CPU-s/GB%n",
            who,
            frameBytes >> 10,
            run,
            sealing,
            seconds(start) * 1e9 / bytes);
      }
    }
  }

  private static double seconds(long startNanos) {
    return (cpuNanos() - startNanos) / 1e9;
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
