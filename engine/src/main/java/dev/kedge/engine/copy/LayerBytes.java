package dev.kedge.engine.copy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.chain.StoredPiece;
import dev.kedge.engine.pipeline.RateLimit;
import dev.kedge.qcow2.AppendOutput.Part;
import dev.kedge.qcow2.Extent;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.ChecksumStream;
import dev.kedge.repository.Checksummer;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.ObjectInput;
import dev.kedge.repository.PointOutputs;
import dev.kedge.repository.SumsReader;
import dev.kedge.repository.SumsWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Copies the files of a layer byte by byte, in one pass that proves all of it: plain clusters by
 * their checksums, everything between them by the tables' digest, and the checksums by theirs. That
 * takes a file whose clusters come in the order of the image, as every backup writes it. One use.
 */
final class LayerBytes {
  private static final int BUFFER_BYTES = 2 << 20;
  private static final long WINDOW_BYTES = 32L << 20;
  private static final int ALIGNMENT = 4096;

  private final ImageStore store;
  private final Manifest layer;
  private final RateLimit rate;
  private final Progress progress;
  private final CancelToken cancel;
  private final Checksummer checksummer = new Checksummer();
  private final ChecksumStream digest = new ChecksumStream();

  LayerBytes(
      ImageStore store, Manifest layer, RateLimit rate, Progress progress, CancelToken cancel) {
    this.store = store;
    this.layer = layer;
    this.rate = rate;
    this.progress = progress;
    this.cancel = cancel;
  }

  /**
   * Copies both files, flushed.
   *
   * @return what the checksums became; empty where the file is not as a backup writes it, or not as
   *     this one was written, and is to be copied by its clusters
   * @throws KedgeException with VERIFICATION_FAILED where a plain cluster, or the checksums, are
   *     damaged
   */
  Optional<Manifest.SumsFile> copy(PointOutputs outputs) throws IOException, InterruptedException {
    if (layer.file().lengthBytes() < layer.file().clusterSizeBytes()) {
      return Optional.empty();
    }
    try (Arena arena = Arena.ofShared();
        ObjectInput input = store.openData(layer);
        RestorePointReader reader = RestorePointReader.openLayer(store, layer)) {
      Body body = new Body(input, outputs, arena.allocate(BUFFER_BYTES, ALIGNMENT));
      if (!body.copy(reader)) {
        return Optional.empty();
      }
      outputs.data().flush();
    }
    return Optional.of(copySums(outputs));
  }

  private final class Body {
    private final ObjectInput input;
    private final PointOutputs outputs;
    private final MemorySegment memory;
    private final int clusterBytes = layer.file().clusterSizeBytes();
    private long at = clusterBytes;

    Body(ObjectInput input, PointOutputs outputs, MemorySegment memory) {
      this.input = input;
      this.outputs = outputs;
      this.memory = memory;
    }

    boolean copy(RestorePointReader reader) throws IOException, InterruptedException {
      if (reader.clusterBytes(0) != clusterBytes) {
        return false;
      }
      outputs.data().reserveHeader(clusterBytes);
      long end = reader.layers().getFirst().header().virtualSizeBytes();
      List<StoredPiece> pieces = new ArrayList<>();
      for (long from = 0; from < end; from += WINDOW_BYTES) {
        pieces.clear();
        reader.forEachPiece(from, Math.min(WINDOW_BYTES, end - from), BUFFER_BYTES, pieces::add);
        for (StoredPiece piece : pieces) {
          if (piece.kind() == Extent.Kind.DATA) {
            if (piece.hostOffset() < at) {
              return false;
            }
            copyOther(piece.hostOffset());
            copyPlain(piece);
          }
        }
      }
      copyOther(layer.file().lengthBytes());
      ByteBuffer header = read(0, clusterBytes);
      digest.update(header);
      outputs.data().writeHeader(header);
      return digest.checksum().equals(layer.file().tablesDigest());
    }

    private void copyOther(long until) throws IOException, InterruptedException {
      while (at < until) {
        ByteBuffer bytes = read(at, (int) Math.min(BUFFER_BYTES, until - at));
        digest.update(bytes);
        at += bytes.remaining();
        outputs.data().append(bytes, Part.TABLES);
      }
    }

    private void copyPlain(StoredPiece piece) throws IOException, InterruptedException {
      int length = Math.toIntExact(piece.hostBytes());
      ByteBuffer bytes = read(piece.hostOffset(), length);
      Checksum[] expected = piece.checksums().values();
      for (int i = 0; i < expected.length; i++) {
        MemorySegment cluster = memory.asSlice((long) i * clusterBytes, clusterBytes);
        if (!checksummer.of(cluster).equals(expected[i])) {
          throw damaged(
              "the cluster at offset "
                  + (piece.clusterOffset() + (long) i * clusterBytes)
                  + " of "
                  + layer.file().name()
                  + " is not what was backed up");
        }
      }
      at += length;
      outputs.data().append(bytes, Part.PLAIN_CLUSTERS);
    }

    private ByteBuffer read(long position, int length) throws InterruptedException {
      rate.acquire(length, cancel);
      ByteBuffer bytes = memory.asSlice(0, length).asByteBuffer();
      input.readFully(position, bytes);
      progress.advance(length);
      return bytes.flip();
    }
  }

  private KedgeException damaged(String how) {
    return new KedgeException(
        ErrorCode.VERIFICATION_FAILED, "restore point " + layer.id() + " is damaged: " + how);
  }

  private Manifest.SumsFile copySums(PointOutputs outputs) {
    try (SumsReader sums = store.openSums(layer)) {
      if (sums.clusterSizeBytes() != layer.file().clusterSizeBytes()
          || sums.imageSizeBytes() != layer.sizeBytes()) {
        throw damaged(layer.sums().name() + " is of another image");
      }
      SumsWriter writer =
          new SumsWriter(outputs.sums(), sums.clusterSizeBytes(), sums.imageSizeBytes());
      while (sums.next()) {
        if (sums.kind() == SumsReader.Kind.ZERO) {
          writer.zeroes(sums.firstCluster(), sums.count());
        } else {
          for (int i = 0; i < sums.count(); i++) {
            writer.data(sums.firstCluster() + i, sums.high(i), sums.low(i));
          }
        }
      }
      SumsWriter.Summary written = writer.finish();
      outputs.sums().flush();
      return new Manifest.SumsFile(
          layer.id() + ".sums", written.lengthBytes(), written.digest(), Checksum.ALGORITHM);
    }
  }
}
