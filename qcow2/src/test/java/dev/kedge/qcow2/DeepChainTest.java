package dev.kedge.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The cost of a chain is that of its extents, not of its depth times its size. */
class DeepChainTest {
  private static final int LAYERS = 400;
  private static final long SIZE = 20L << 30;
  private static final int CLUSTER = 4096;

  @Test
  void hundredsOfIncrementsAreMappedWithFewReads() throws IOException {
    Random random = new Random(11);
    Map<String, MemoryFile> files = new HashMap<>();
    TreeMap<Long, Integer> newest = new TreeMap<>();
    for (int layer = LAYERS - 1; layer >= 0; layer--) {
      TreeMap<Long, Integer> changes = new TreeMap<>();
      for (int i = 0; i < 5; i++) {
        changes.put((random.nextLong(SIZE) & -CLUSTER) >> (layer % 2 * 3) & -CLUSTER, layer);
      }
      String parent = layer == LAYERS - 1 ? null : name(layer + 1);
      files.put(name(layer), layerWith(changes, parent));
      newest.putAll(changes);
    }
    Qcow2Chain chain = Qcow2Chain.open(name(0), n -> file(files, n));
    int before = reads(files);
    Map<Long, Integer> found = new TreeMap<>();
    chain.forEachExtent(
        0,
        SIZE,
        (layer, e) -> {
          for (long at = e.guestOffset(); layer >= 0 && at < e.endOffset(); at += CLUSTER) {
            found.put(at, layer);
          }
        });
    assertThat(found).isEqualTo(newest);
    // Each of the 2,000 changes has an L2 table of its own; every table is read once.
    assertThat(reads(files) - before).isLessThanOrEqualTo(LAYERS * 5);
  }

  @Test
  void anEmptyImageIsMappedWithoutReading() throws IOException {
    MemoryFile file = layerWith(new TreeMap<>(), null);
    Qcow2Chain chain = Qcow2Chain.open("0", name -> file);
    int before = file.reads();
    List<Extent> extents = new ArrayList<>();
    chain.forEachExtent(0, SIZE, (layer, extent) -> extents.add(extent));
    assertThat(extents).containsExactly(new Extent(0, SIZE, Extent.Kind.UNALLOCATED, 0, 0));
    assertThat(file.reads()).isEqualTo(before);
  }

  @Test
  void whatLiesBehindAShorterBackingFileReadsAsZeroes() throws IOException {
    Map<String, MemoryFile> files = new HashMap<>();
    TreeMap<Long, Integer> data = new TreeMap<>(Map.of(0L, 1, 8192L, 1, 1L << 21, 1));
    files.put("2", layer(4 << 20, data, null));
    files.put("1", layer(8192, new TreeMap<>(), "2"));
    files.put("0", layer(6 << 20, new TreeMap<>(), "1"));
    Qcow2Chain chain = Qcow2Chain.open("0", n -> file(files, n));
    List<String> seen = new ArrayList<>();
    chain.forEachExtent(
        0,
        6 << 20,
        (layer, e) ->
            seen.add(layer + " " + e.kind() + " " + e.guestOffset() + "+" + e.lengthBytes()));
    assertThat(seen)
        .containsExactly(
            "2 DATA 0+4096", "-1 UNALLOCATED 4096+4096", "-1 ZERO 8192+" + ((6 << 20) - 8192));
  }

  private static MemoryFile layerWith(Map<Long, Integer> changes, @Nullable String parent)
      throws IOException {
    return layer(SIZE, changes, parent);
  }

  private static MemoryFile layer(long size, Map<Long, Integer> changes, @Nullable String parent)
      throws IOException {
    MemoryFile out = new MemoryFile();
    BackingFile backing = parent == null ? null : new BackingFile(parent, "qcow2");
    Qcow2Writer writer =
        new Qcow2Writer(
            out, new WriterOptions(size, new ClusterSize(12), Compression.NONE, backing));
    for (long at : changes.keySet()) {
      writer.writeData(at, ByteBuffer.allocate(CLUSTER).putLong(0, at));
    }
    writer.finish();
    return out;
  }

  private static String name(int layer) {
    return layer + ".qcow2";
  }

  private static MemoryFile file(Map<String, MemoryFile> files, String name) {
    MemoryFile file = files.get(name);
    if (file == null) {
      throw new AssertionError(name);
    }
    return file;
  }

  private static int reads(Map<String, MemoryFile> files) {
    return files.values().stream().mapToInt(MemoryFile::reads).sum();
  }
}
