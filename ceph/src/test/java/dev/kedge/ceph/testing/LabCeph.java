package dev.kedge.ceph.testing;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.ceph.CephCluster;
import dev.kedge.ceph.CephOptions;
import dev.kedge.ceph.ImageSpec;
import dev.kedge.ceph.RbdImage;
import dev.kedge.ceph.RbdPool;
import dev.kedge.ceph.Snapshot;
import dev.kedge.ceph.Watcher;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;

/**
 * The lab's real Ceph, in tests: a connection as admin, temporary images, and the command line
 * tools for a second opinion. Images are removed when it is closed. Not thread-safe.
 */
public final class LabCeph implements AutoCloseable {
  /** The pool that tests share: making one is slow. */
  public static final String POOL = "kedge-test";

  // The monitors say it to the OSDs within a second where the machine is not busy.
  private static final Duration EVICTION = Duration.ofSeconds(5);
  // An OSD may first have to write what the killed one sent; at the latest it is missed after 30 s.
  private static final Duration LONGEST_EVICTION = Duration.ofMinutes(2);

  /** A Ceph user and its keyring. */
  public record LabUser(String entity, Path keyring) {}

  private record Temporary(String pool, String namespace, String image) {}

  private final Path confFile;
  private final CephCluster cluster;
  private final RbdPool pool;
  private final Deque<Temporary> images = new ArrayDeque<>();
  private final Deque<LabUser> users = new ArrayDeque<>();

  private LabCeph(Path confFile) {
    this.confFile = confFile;
    this.cluster = CephCluster.connect(CephOptions.defaults().withConfFile(confFile));
    ensurePool(POOL);
    this.pool = cluster.openPool(POOL, "");
  }

  /** Connects to the Ceph of {@code $KEDGE_LAB_CONF}; a test without one fails, and says why. */
  public static LabCeph connect() {
    return new LabCeph(confOfLab());
  }

  /** Connects to another lab, by its ceph.conf. */
  public static LabCeph connect(Path confFile) {
    return new LabCeph(confFile);
  }

  /** The ceph.conf of the lab, with admin's keyring. */
  public static Path confOfLab() {
    String conf = System.getenv("KEDGE_LAB_CONF");
    if (conf == null || conf.isEmpty()) {
      throw new AssertionError(
          "this test needs a Ceph: run 'lab/ceph up' and set KEDGE_LAB_CONF to its ceph.conf");
    }
    return Path.of(conf);
  }

  Path confFile() {
    return confFile;
  }

  /** Options for connecting as admin. */
  public CephOptions options() {
    return CephOptions.defaults().withConfFile(confFile);
  }

  /** The connection as admin. */
  public CephCluster cluster() {
    return cluster;
  }

  /** The shared pool, default namespace. */
  public RbdPool pool() {
    return pool;
  }

  /** Makes a pool of 8 placement groups for RBD, where there is none of this name. */
  public void ensurePool(String name) {
    ensurePool(name, 8);
  }

  void ensurePool(String name, int placementGroups) {
    if (!cluster.poolNames().contains(name)) {
      ceph("osd", "pool", "create", name, Integer.toString(placementGroups));
      rbd("pool", "init", name);
    }
  }

  /** Whether it is Ceph 16, as on Debian 12, which does some things otherwise than later ones. */
  public boolean isPacific() {
    return ceph("version").contains(" pacific ");
  }

  /** A name that no other test has. */
  public static String uniqueName(String prefix) {
    return prefix + "-" + UUID.randomUUID();
  }

  /** An image in the shared pool that is removed at the end; returns its name. */
  public String image(long sizeBytes) {
    return image(pool, ImageSpec.ofSize(sizeBytes));
  }

  /** An image that is removed at the end; returns its name. */
  public String image(RbdPool where, ImageSpec spec) {
    String name = uniqueName("image");
    where.create(name, spec);
    return removeLater(where, name);
  }

  /** Has an image that the test makes itself removed at the end; clones go before parents. */
  public String removeLater(RbdPool where, String image) {
    images.push(new Temporary(where.name(), where.namespace(), image));
    return image;
  }

  /** Runs {@code ceph} as admin, and returns its standard output. */
  public String ceph(String... arguments) {
    return text(Command.run("ceph", confFile, arguments));
  }

  /** Runs {@code rbd} as admin, and returns its standard output. */
  public String rbd(String... arguments) {
    return text(Command.run("rbd", confFile, arguments));
  }

  /** The whole content of an image or snapshot ({@code pool/image@snap}) as rbd exports it. */
  public byte[] export(String spec) {
    return Command.run("rbd", confFile, "--no-progress", "export", spec, "-");
  }

  /**
   * A user of its own with these caps ({@code mon}, {@code allow r}, ...), its keyring in the
   * folder; the user is removed at the end.
   */
  public LabUser user(Path folder, String... caps) {
    String entity = uniqueName("client.kedge-test");
    Path keyring = folder.resolve(entity + ".keyring");
    List<String> arguments =
        new ArrayList<>(List.of("auth", "get-or-create", entity, "-o", keyring.toString()));
    arguments.addAll(List.of(caps));
    ceph(arguments.toArray(String[]::new));
    LabUser user = new LabUser(entity, keyring);
    users.push(user);
    return user;
  }

  private static String text(byte[] output) {
    return new String(output, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    try {
      // All of them first: the peering that ends one gives the placement group's others another
      // half a minute, but for those that are blocklisted by then.
      Map<Temporary, List<Watcher>> forgotten = new LinkedHashMap<>();
      images.forEach(image -> forgotten.put(image, blocklistForgottenClients(image)));
      forgotten.forEach(this::remove);
      users.forEach(user -> ceph("auth", "del", user.entity()));
    } finally {
      cluster.close();
    }
  }

  private void remove(Temporary temporary, List<Watcher> blocklisted) {
    // Opened anew: the test may have closed its own.
    try (RbdPool where = cluster.openPool(temporary.pool(), temporary.namespace())) {
      if (!blocklisted.isEmpty()) {
        try (RbdImage handle = where.openReadOnly(temporary.image(), null)) {
          awaitGone(handle, where, blocklisted);
        }
      }
      removeSnapshots(where, temporary.image());
      where.remove(temporary.image());
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
    }
  }

  /**
   * Ends clients of an image that were killed, and count as its watchers for half a minute, or for
   * ever where they were killed while they opened it. Others must not have it open.
   */
  public void evictClients(RbdPool where, String image) {
    try (RbdImage handle = where.openReadOnly(image, null)) {
      List<Watcher> clients = handle.watchers();
      blocklist(clients);
      awaitGone(handle, where, clients);
    }
  }

  // Of the others one that stays is a test that leaves its image open.
  private List<Watcher> blocklistForgottenClients(Temporary temporary) {
    try (RbdPool where = cluster.openPool(temporary.pool(), temporary.namespace());
        RbdImage handle = where.openReadOnly(temporary.image(), null)) {
      List<Watcher> forgotten =
          handle.watchers().isEmpty() ? List.of() : handle.forgottenWatchers();
      blocklist(forgotten);
      return forgotten;
    } catch (KedgeException e) {
      if (e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      return List.of();
    }
  }

  private void blocklist(List<Watcher> clients) {
    clients.forEach(client -> ceph("osd", "blocklist", "add", client.address()));
  }

  private void awaitGone(RbdImage image, RbdPool where, List<Watcher> clients) {
    if (areGone(image, clients, EVICTION)) {
      return;
    }
    HeaderGroup.of(this, where, image.name()).repeer();
    if (!areGone(image, clients, LONGEST_EVICTION)) {
      throw new AssertionError(image.spec() + " still has one of " + clients);
    }
  }

  private static boolean areGone(RbdImage image, List<Watcher> clients, Duration longest) {
    long deadlineNanos = System.nanoTime() + longest.toNanos();
    while (image.watchers().stream().anyMatch(clients::contains)) {
      if (System.nanoTime() > deadlineNanos) {
        return false;
      }
      LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
    }
    return true;
  }

  /** By the command: librbd of Ceph 16 waits for itself in a connection with a single thread. */
  public void unprotect(RbdPool where, String image, String snapshot) {
    String namespace = where.namespace().isEmpty() ? "" : where.namespace() + "/";
    rbd("snap", "unprotect", where.name() + "/" + namespace + image + "@" + snapshot);
  }

  private void removeSnapshots(RbdPool where, String name) {
    try (RbdImage image = where.open(name)) {
      for (Snapshot snapshot : image.snapshots()) {
        if (image.isProtected(snapshot.name())) {
          unprotect(where, name, snapshot.name());
        }
        image.removeSnapshot(snapshot.name());
      }
    }
  }
}
