package dev.kedge.engine.history;

import dev.kedge.ceph.ImageSpec;
import dev.kedge.ceph.RbdFeatures;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.Snapshot;
import dev.kedge.ceph.testing.LabCeph;
import dev.kedge.engine.SnapshotName;
import dev.kedge.engine.backup.BackupResult;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A random past of one image: what a guest, its users and other programs may do, in an order that
 * the seed alone decides, with backups to two targets in between. It writes a log of its steps.
 */
final class History implements AutoCloseable {
  private static final int STEPS_BEFORE_BACKUP = 8;
  private static final int MOST_SNAPSHOTS = 6;

  private final LabCeph lab;
  private final ImageKind kind;
  private final RbdPool pool;
  private final Random random;
  private final List<String> log = new ArrayList<>();
  private final String name;
  private final BackedUpImage often;
  private final BackedUpImage seldom;
  private RbdImage image;
  private boolean flattened;
  // Without snapshots of others the object map is trusted: the first half of the backups.
  private boolean alone;
  private int counter;
  private final boolean inPlace;

  /** A past in which the image is only backed up. */
  History(LabCeph lab, ImageKind kind, RbdPool pool, long seed, Path folder) {
    this(lab, kind, pool, seed, folder, false);
  }

  /** A past in which the image is taken back to its restore points at times, if {@code inPlace}. */
  History(LabCeph lab, ImageKind kind, RbdPool pool, long seed, Path folder, boolean inPlace) {
    this.inPlace = inPlace;
    this.lab = lab;
    this.kind = kind;
    this.pool = pool;
    this.random = new Random(seed);
    this.name = create();
    this.image = pool.open(name);
    this.often = new BackedUpImage(lab, pool, name, folder.resolve("often"));
    this.seldom = new BackedUpImage(lab, pool, name, folder.resolve("seldom"));
  }

  /** What was done until now, a line for each step. */
  List<String> log() {
    return log;
  }

  /** Lives through so many backups, and looks at every restore point again. */
  void tell(int backups) {
    if (!kind.isClone()) {
      fill();
    }
    for (int i = 0; i < backups; i++) {
      alone = i < backups / 2;
      int steps = random.nextInt(STEPS_BEFORE_BACKUP + 1);
      for (int step = 0; step < steps; step++) {
        step();
      }
      lastStep();
      backUp();
      if (inPlace) {
        restoreInPlace();
      }
    }
    log("all restore points again");
    often.everyRestorePointIsStillWhatItWas();
    seldom.everyRestorePointIsStillWhatItWas();
  }

  @Override
  public void close() {
    image.close();
  }

  // ---- the image

  private String create() {
    if (!kind.isClone()) {
      return lab.image(pool, kind.spec());
    }
    String parent = parent(lab.image(pool, kind.spec()));
    if (kind == ImageKind.CLONE_OF_CLONE) {
      String middle = cloneOf(parent);
      try (RbdImage clone = pool.open(middle)) {
        Guest.writeNoise(clone, 3 << 18, 200_000, random);
        clone.resize(clone.sizeBytes() - 300_000);
      }
      parent = parent(middle);
    }
    return cloneOf(parent);
  }

  private String parent(String parent) {
    try (RbdImage golden = pool.open(parent)) {
      for (int i = 0; i < 10; i++) {
        long offset = random.nextLong(golden.sizeBytes() - 300_000);
        Guest.writeNoise(golden, offset, 1 + random.nextInt(300_000), random);
      }
      golden.createSnapshot("golden");
      golden.protectSnapshot("golden");
      Guest.fill(golden, 0, 100_000, 'G');
    }
    return parent;
  }

  private String cloneOf(String parent) {
    String clone = LabCeph.uniqueName("clone");
    lab.rbd(
        "clone",
        "--image-feature",
        features(),
        LabCeph.POOL + "/" + parent + "@golden",
        LabCeph.POOL + "/" + clone);
    return lab.removeLater(pool, clone);
  }

  private String features() {
    long features = kind.spec().features();
    if (features == RbdFeatures.LAYERING) {
      return "layering";
    }
    String most = "layering,exclusive-lock,object-map,fast-diff";
    return RbdFeatures.has(features, RbdFeatures.DEEP_FLATTEN) ? most + ",deep-flatten" : most;
  }

  // ---- steps

  private void step() {
    int dice = random.nextInt(100);
    if (image.sizeBytes() == 0) {
      resize();
    } else if (dice < 30) {
      write();
    } else if (dice < 38) {
      discard();
    } else if (dice < 52) {
      zero();
    } else if (dice < 62) {
      resize();
    } else if (dice < 78) {
      takeSnapshot();
    } else if (dice < 81) {
      removeSnapshot();
    } else if (dice < 92) {
      rollback();
    } else if (dice < 93) {
      removeOurs();
    } else if (dice < 96) {
      special();
    } else if (dice < 99) {
      fill();
    } else {
      reopen();
    }
  }

  private record Range(long offset, long lengthBytes) {
    @Override
    public String toString() {
      return offset + "+" + lengthBytes;
    }
  }

  // What touches much of the image hides more, the less is written after it.
  private void lastStep() {
    switch (random.nextInt(8)) {
      case 0, 1, 2, 3 -> rollback();
      case 4 -> resize();
      default -> {}
    }
  }

  // Whole objects, blocks, sectors and odd bytes alike.
  private Range range() {
    long size = image.sizeBytes();
    long object = 1L << image.order();
    long[] units = {object, object, 4096, 4096, 512, 1};
    long unit = units[random.nextInt(units.length)];
    long most = unit == object ? 2 * object : Math.min(size, 6L << random.nextInt(14));
    long offset = random.nextLong(size) / unit * unit;
    long length = Math.max(unit, random.nextLong(most) / unit * unit);
    return new Range(offset, Math.min(length, size - offset));
  }

  private void write() {
    Range range = range();
    int what = random.nextInt(4);
    log("write " + what + " " + range);
    if (what == 0) {
      Guest.fill(image, range.offset, range.lengthBytes, '\0');
    } else if (what == 1) {
      Guest.fill(image, range.offset, range.lengthBytes, (char) ('a' + random.nextInt(26)));
    } else {
      Guest.writeNoise(image, range.offset, Math.toIntExact(range.lengthBytes), random);
    }
  }

  // Where nothing is, nothing can be lost.
  private void fill() {
    log("fill all of " + image.sizeBytes());
    Guest.writeNoise(image, 0, Math.toIntExact(image.sizeBytes()), random);
  }

  private void discard() {
    Range range = range();
    log("discard " + range);
    Guest.discard(image, range.offset, range.lengthBytes);
  }

  private void zero() {
    Range range = range();
    log("zero " + range);
    Guest.zero(image, range.offset, range.lengthBytes);
  }

  private void resize() {
    long size = newSize();
    log("resize " + size);
    image.resize(size);
    if (random.nextInt(2) == 0) {
      long back = newSize();
      log("resize " + back);
      image.resize(back);
    }
  }

  private long newSize() {
    long full = kind.spec().sizeBytes();
    if (!kind.isOddSized()) {
      return full / 2 + random.nextLong(full / 2 + 1) / 4096 * 4096;
    }
    return switch (random.nextInt(8)) {
      case 0 -> 0;
      case 1 -> 1;
      case 2 -> random.nextLong(70_000);
      default -> random.nextLong(full);
    };
  }

  private List<Snapshot> foreign() {
    return image.snapshots().stream()
        .filter(s -> !s.name().equals(ours(often)) && !s.name().equals(ours(seldom)))
        .toList();
  }

  private static String ours(BackedUpImage backups) {
    return backups.isEmpty() ? "" : backups.newestSnapshot();
  }

  private void takeSnapshot() {
    if (alone) {
      zero();
      return;
    }
    if (foreign().size() >= MOST_SNAPSHOTS) {
      removeSnapshot();
      return;
    }
    counter++;
    UUID uuid = new UUID(0x4000L | random.nextLong() << 16, random.nextLong());
    String snapshot =
        random.nextBoolean()
            ? "snap-" + counter
            : SnapshotName.of(uuid, Instant.ofEpochSecond(counter)).toString();
    log("snapshot " + snapshot);
    image.createSnapshot(snapshot);
  }

  private void removeSnapshot() {
    List<Snapshot> foreign = foreign();
    if (!foreign.isEmpty()) {
      String snapshot = foreign.get(random.nextInt(foreign.size())).name();
      log("remove snapshot " + snapshot);
      image.removeSnapshot(snapshot);
    }
  }

  private void rollback() {
    List<Snapshot> all = image.snapshots();
    if (!all.isEmpty()) {
      int which = random.nextInt(all.size());
      log("roll back to snapshot " + which + " of " + all.size());
      image.rollback(all.get(which).name());
    }
  }

  private void removeOurs() {
    if (image.snapshots().stream().anyMatch(s -> s.name().equals(ours(often)))) {
      log("remove our snapshot");
      image.removeSnapshot(ours(often));
    }
  }

  private void reopen() {
    log("reopen");
    image.close();
    image = pool.open(name);
  }

  private void special() {
    if (kind == ImageKind.TOGGLED) {
      toggle();
    } else if (kind.isClone() && !flattened) {
      flattened = true;
      log("flatten");
      image.flatten();
    } else if (!kind.isClone() && random.nextInt(3) == 0) {
      makeAnew();
    }
  }

  private void toggle() {
    String spec = LabCeph.POOL + "/" + name;
    boolean fastDiff = RbdFeatures.has(image.features(), RbdFeatures.FAST_DIFF);
    if (fastDiff && random.nextBoolean()) {
      log("rebuild the object map");
      lab.rbd("--no-progress", "object-map", "rebuild", spec);
    } else if (fastDiff && random.nextBoolean()) {
      log("fast-diff off");
      lab.rbd("feature", "disable", spec, "fast-diff");
    } else if (fastDiff) {
      log("object map off");
      lab.rbd("feature", "disable", spec, "object-map", "fast-diff");
    } else {
      log("object map on");
      boolean map = RbdFeatures.has(image.features(), RbdFeatures.OBJECT_MAP);
      if (!map) {
        lab.rbd("feature", "enable", spec, "object-map", "fast-diff");
      } else {
        lab.rbd("feature", "enable", spec, "fast-diff");
      }
    }
  }

  private void makeAnew() {
    log("make anew");
    for (Snapshot snapshot : image.snapshots()) {
      image.removeSnapshot(snapshot.name());
    }
    image.close();
    pool.remove(name);
    pool.create(name, kind.spec());
    image = pool.open(name);
  }

  // ---- backups

  private void backUp() {
    BackedUpImage target = !alone && random.nextInt(4) == 0 ? seldom : often;
    boolean full = random.nextInt(12) == 0;
    Compression[] compressions = Compression.values();
    Compression compression = compressions[random.nextInt(compressions.length)];
    @Nullable ClusterSize cluster =
        switch (random.nextInt(4)) {
          case 0 -> new ClusterSize(12 + random.nextInt(10));
          case 1 -> new ClusterSize(12 + random.nextInt(3));
          default -> null;
        };
    log(
        "back up to "
            + (target == often ? "often" : "seldom")
            + ", size "
            + image.sizeBytes()
            + (full ? ", full, " : ", ")
            + compression
            + ", "
            + cluster);
    BackupResult result = target.backUp(full, compression, cluster);
    log("  was " + result.manifest().kind() + " because " + result.reason());
    switch (random.nextInt(8)) {
      case 0 -> target.restoreToNewImage();
      case 1 -> {
        long size = 1 + random.nextLong(kind.spec().sizeBytes());
        target.restoreOverImage(ImageSpec.ofSize(size).withOrder(15 + random.nextInt(4)));
      }
      default -> {}
    }
  }

  // ---- restores into the image

  private void restoreInPlace() {
    BackedUpImage target = seldom.isEmpty() || random.nextInt(4) > 0 ? often : seldom;
    if (target.isEmpty()) {
      return;
    }
    for (int times = random.nextInt(3); times > 0; times--) {
      int steps = random.nextInt(4);
      for (int step = 0; step < steps; step++) {
        step();
      }
      int which = random.nextInt(target.points().size());
      log("restore point " + which + " of " + target.points().size() + " in place");
      alone(() -> log("  was " + target.restoreInPlace(target.points().get(which))));
      changeOfMind(target);
    }
  }

  private void changeOfMind(BackedUpImage target) {
    if (random.nextInt(2) == 0) {
      step();
    }
    if (target.undoPoints().isEmpty()) {
      return;
    }
    switch (random.nextInt(5)) {
      case 0, 1 -> {
        log("take it back");
        alone(() -> log("  was " + target.undo()));
      }
      case 2 -> {
        log("let undo points go");
        target.discardUndo();
      }
      default -> {}
    }
  }

  // Nobody else may have the image open.
  private void alone(Runnable restore) {
    image.close();
    restore.run();
    image = pool.open(name);
  }

  private void log(String step) {
    log.add(step);
  }
}
