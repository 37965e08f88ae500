package dev.kedge.engine.retention;

import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.chain.RestorePointReader;
import dev.kedge.engine.retention.RetentionPolicy.Verdict;
import dev.kedge.engine.testing.Place;
import dev.kedge.engine.testing.StoredChain;
import dev.kedge.engine.testing.StoredLayer;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.Repository;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Scanner;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * A year or less of daily backups with pruning after each: what is written, and how much of what is
 * stored anybody can still see. Run by bench/retention.
 */
final class RetentionBench {
  private static final int PAGE_BYTES = 4096;
  private static final long SEED = 20261125;
  private static final double MIB = 1 << 20;

  /** By what the pruning is done. */
  enum Way {
    DIRECTORY,
    CONSOLIDATION,
    ENCRYPTED
  }

  private final Way way;
  private final int days;
  private final int kept;
  private final int pages;
  private final ClusterSize clusterSize;
  private final int runPages;
  private final Place place;
  private final ImageStore store;
  private final Random random = new Random(SEED);
  private final Map<UUID, int[]> truth = new TreeMap<>();
  private final List<Double> writtenMib = new ArrayList<>();
  private final List<Double> increments = new ArrayList<>();
  private final List<Double> ratios = new ArrayList<>();
  private int merges;
  private double seconds;

  /** On which day each page was written last. */
  private int[] version;

  private RetentionBench(Path folder, Way way, int days, int mib, int clusterKib, int runKib)
      throws IOException {
    this.way = way;
    this.days = days;
    this.kept = 14;
    this.pages = mib * (int) (MIB / PAGE_BYTES);
    this.clusterSize = ClusterSize.of(clusterKib * 1024L);
    this.runPages = runKib * 1024 / PAGE_BYTES;
    this.place = Place.create(folder, way == Way.ENCRYPTED);
    this.store = new StoredChain(Repository.open(place.target())).store();
    this.version = new int[pages];
  }

  /** Folder, way, days, MiB, KiB of an increment's clusters, KiB written at once by the guest. */
  public static void main(String[] args) throws IOException {
    new RetentionBench(
            Path.of(args[0]),
            Way.valueOf(args[1].toUpperCase(Locale.ROOT)),
            Integer.parseInt(args[2]),
            Integer.parseInt(args[3]),
            Integer.parseInt(args[4]),
            Integer.parseInt(args[5]))
        .run();
  }

  private void run() throws IOException {
    for (int day = 0; day < days; day++) {
      backup(day);
      prune();
    }
    proveWhatIsKept();
    print();
  }

  private void backup(int day) throws IOException {
    BitSet changed = new BitSet();
    int fiftieth = pages / 50;
    for (int done = 0; done < fiftieth; done += runPages) {
      int at = random.nextInt(pages / runPages) * runPages;
      changed.set(at, at + runPages);
    }
    if (day == 0) {
      changed.set(0, pages);
    }
    changed.stream().forEach(page -> version[page] = day + 1);
    ClusterSize size = day == 0 ? new ClusterSize(16) : clusterSize;
    int pagesOfCluster = size.bytes() / PAGE_BYTES;
    BitSet clusters = new BitSet();
    changed.stream().forEach(page -> clusters.set(page / pagesOfCluster));
    int[] now = version.clone();
    Manifest made =
        new StoredLayer(
                (long) pages * PAGE_BYTES,
                size,
                Compression.NONE,
                Instant.EPOCH.plus(Duration.ofDays(day)))
            .commit(
                store,
                clusters,
                (cluster, bytes) -> {
                  fill(now, (int) cluster * pagesOfCluster, bytes);
                  return true;
                });
    truth.put(made.id(), now);
    increments.add((made.file().lengthBytes() + made.sums().lengthBytes()) / MIB);
  }

  private static void fill(int[] versions, int firstPage, MemorySegment bytes) {
    long at = 0;
    for (int page = firstPage; at < bytes.byteSize(); page++) {
      long number = ((long) versions[page] << 32) + page;
      for (long end = at + PAGE_BYTES; at < end; at += Long.BYTES) {
        // Xorshift: no two pages alike, and no zeroes.
        number ^= number << 13;
        number ^= number >>> 7;
        number ^= number << 17;
        bytes.set(ValueLayout.JAVA_LONG_UNALIGNED, at, number);
      }
    }
  }

  private void prune() throws IOException {
    RetentionPolicy policy = new RetentionPolicy(Map.of(KeepRule.DAILY, kept));
    Set<UUID> expired =
        policy.judge(store.points().points(), Manifest::createdAt).stream()
            .filter(verdict -> !verdict.isKept())
            .map(Verdict::point)
            .map(Manifest::id)
            .collect(Collectors.toSet());
    truth.keySet().removeAll(expired);
    if (expired.isEmpty()) {
      return;
    }
    long start = System.nanoTime();
    try (Lease lease = store.acquireLease()) {
      ExpiryResult result =
          new Expiry(store, way == Way.DIRECTORY, Progress.NONE, new CancelToken())
              .apply(expired, lease);
      merges += result.merges().size();
      writtenMib.add(result.writtenBytes() / MIB);
    }
    seconds += (System.nanoTime() - start) / 1e9;
    ratios.add(storedBytes() / liveBytes());
  }

  /** The space that all files take, whatever they are. */
  private double storedBytes() throws IOException {
    Process du = new ProcessBuilder("du", "-s", "-B1", place.folder().toString()).start();
    try (Scanner answer = new Scanner(du.getInputStream(), StandardCharsets.UTF_8)) {
      return answer.nextLong();
    }
  }

  /**
   * What has to be there by the guest's data alone: each cluster as often as the restore points
   * that are kept show another content in it, in the size of cluster that it was backed up in.
   */
  private double liveBytes() {
    List<int[]> points = store.points().points().stream().map(this::shownBy).toList();
    int pagesOfCluster = clusterSize.bytes() / PAGE_BYTES;
    double live = (double) pages * PAGE_BYTES;
    for (int i = 1; i < points.size(); i++) {
      Set<Integer> changed = new HashSet<>();
      for (int page = 0; page < pages; page++) {
        if (points.get(i)[page] != points.get(i - 1)[page]) {
          changed.add(page / pagesOfCluster);
        }
      }
      live += (double) changed.size() * clusterSize.bytes();
    }
    return live;
  }

  private int[] shownBy(Manifest point) {
    return Objects.requireNonNull(truth.get(point.id()), "a restore point too many");
  }

  private void proveWhatIsKept() throws IOException {
    int block = 1 << 20;
    ByteBuffer found = ByteBuffer.allocate(block);
    byte[] expected = new byte[block];
    for (Manifest point : store.points().points()) {
      try (RestorePointReader reader = RestorePointReader.open(store, point.id())) {
        int[] versions = shownBy(point);
        for (long at = 0; at < reader.sizeBytes(); at += block) {
          reader.read(at, found.clear());
          fill(versions, (int) (at / PAGE_BYTES), MemorySegment.ofArray(expected));
          if (!Arrays.equals(found.array(), expected)) {
            throw new IllegalStateException(point.id() + " differs from " + at + " on");
          }
        }
      }
    }
  }

  private void print() throws IOException {
    System.out.printf(
        Locale.ROOT,
        "| %s, %d days, clusters of %d KiB, writes of %d KiB | %.1f | %d in %d | %.1f (%.1f–%.1f) |"
            + " %.0f | %.0f | %.2f | %.2f | %.2f |%n",
        way.name().toLowerCase(Locale.ROOT),
        days,
        clusterSize.bytes() >> 10,
        runPages * (PAGE_BYTES >> 10),
        median(increments),
        merges,
        writtenMib.size(),
        median(writtenMib),
        writtenMib.stream().min(Double::compare).orElse(0.0),
        writtenMib.stream().max(Double::compare).orElse(0.0),
        liveBytes() / MIB,
        storedBytes() / MIB,
        ratios.getLast(),
        ratios.stream().max(Double::compare).orElse(0.0),
        seconds / writtenMib.size());
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElse(0.0);
  }
}
