package dev.kedge.repository;

import dev.kedge.qcow2.AppendOutput.Part;
import dev.kedge.repository.Manifest.Counts;
import dev.kedge.repository.Manifest.DataFile;
import dev.kedge.repository.Manifest.Image;
import dev.kedge.repository.Manifest.Kind;
import dev.kedge.repository.Manifest.Snapshot;
import dev.kedge.repository.Manifest.SumsFile;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Images, restore points and whole small backups for tests. */
final class Samples {
  static final ImageIdentity IMAGE =
      new ImageIdentity("b9d3a3f6-5b5c-4f0e-9a46-2d1f5b0a7c11", "volumes", "", "volume-1");

  private Samples() {}

  static UUID point(int number) {
    return new UUID(0x1000_0000_0000_4000L + ((long) number << 32), 0x8000_0000_0000_0000L);
  }

  static String snapshot(UUID point) {
    return "backup." + point + ".snap.1795392000";
  }

  /** The files of a restore point with nothing in them. */
  static void writeEmpty(ImageStore store, UUID point) {
    try (PointOutputs outputs = store.begin(point)) {
      outputs.data().flush();
      outputs.sums().flush();
    }
  }

  static Manifest manifest(UUID id, long sequence, @Nullable UUID parent, long token) {
    return new Manifest(
        id,
        sequence,
        parent == null ? Kind.FULL : Kind.INCREMENTAL,
        parent,
        Instant.parse("2026-11-23T01:02:03.004Z"),
        new Image(
            IMAGE,
            "10a2b3c4d5e6",
            1L << 30,
            4 << 20,
            4 << 20,
            1,
            61,
            "data",
            new Manifest.CloneParent("images", "", "jammy", "55aa", "snap", 1L << 29)),
        1L << 30,
        new Snapshot(snapshot(id), 12, Instant.parse("2026-11-23T01:02:03Z"), true),
        new DataFile(PointNames.data(id), 8, 65_536, "zstd", new Checksum(1, 2)),
        new SumsFile(PointNames.sums(id), 56, new Checksum(3, 4), Checksum.ALGORITHM),
        new Counts(3, 4096, 4096, 0, 64),
        1.25,
        token,
        Manifest.WRITER,
        UnknownFields.NONE);
  }

  /** Everything an engine does for one backup on top of the latest, with few bytes. */
  static Manifest backUp(ImageStore store, Lease lease, UUID point) {
    return backUp(store, lease, point, store.latest().map(Manifest::id).orElse(null));
  }

  static Manifest backUp(ImageStore store, Lease lease, UUID point, @Nullable UUID parent) {
    lease.intend(point, snapshot(point));
    return writeAndCommit(store, lease, point, parent);
  }

  static Manifest writeAndCommit(ImageStore store, Lease lease, UUID point, @Nullable UUID parent) {
    long sequence = store.points().nextSequence();
    try (PointOutputs outputs = store.begin(point)) {
      DigestingOutput data = new DigestingOutput(outputs.data());
      write(data, point);
      outputs.data().flush();
      SumsWriter sums = new SumsWriter(outputs.sums(), 65_536, 1L << 30);
      sums.data(7, Checksummer.of(new byte[] {1}));
      SumsWriter.Summary summary = sums.finish();
      outputs.sums().flush();
      Manifest manifest =
          with(
              manifest(point, sequence, parent, lease.token()),
              new DataFile(
                  PointNames.data(point), data.lengthBytes(), 65_536, "none", data.tablesDigest()),
              new SumsFile(
                  PointNames.sums(point),
                  summary.lengthBytes(),
                  summary.digest(),
                  Checksum.ALGORITHM));
      store.commit(manifest, lease);
      return manifest;
    }
  }

  private static void write(DigestingOutput data, UUID point) {
    try {
      data.reserveHeader(8);
      data.append(
          ByteBuffer.wrap(point.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8)),
          Part.PLAIN_CLUSTERS);
      data.writeHeader(ByteBuffer.allocate(8));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  static Manifest with(Manifest m, DataFile file, SumsFile sums) {
    return new Manifest(
        m.id(),
        m.sequence(),
        m.kind(),
        m.parent(),
        m.createdAt(),
        m.image(),
        m.sizeBytes(),
        m.snapshot(),
        file,
        sums,
        m.counts(),
        m.durationSeconds(),
        m.fencingToken(),
        m.writer(),
        m.unknown());
  }
}
