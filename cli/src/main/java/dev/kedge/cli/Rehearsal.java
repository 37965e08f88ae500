package dev.kedge.cli;

import dev.kedge.base.KedgeException;
import dev.kedge.ceph.CephLibraries;
import dev.kedge.qcow2.BackingFile;
import dev.kedge.qcow2.ClusterCompressor;
import dev.kedge.qcow2.ClusterSize;
import dev.kedge.qcow2.Compression;
import dev.kedge.qcow2.Qcow2Writer;
import dev.kedge.qcow2.WriterOptions;
import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.Checksum;
import dev.kedge.repository.Checksummer;
import dev.kedge.repository.DigestingOutput;
import dev.kedge.repository.DirectoryTarget;
import dev.kedge.repository.ImageIdentity;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Lease;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.PointOutputs;
import dev.kedge.repository.Repository;
import dev.kedge.repository.SumsWriter;
import dev.kedge.repository.UnknownFields;
import dev.kedge.repository.crypt.KeySlots;
import dev.kedge.repository.crypt.Passphrase;
import dev.kedge.repository.s3.S3Options;
import dev.kedge.repository.s3.S3Target;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Goes through most of what kedge does, without a Ceph, on a small repository in a temporary
 * folder. {@code bin/kedge-train} lets the JVM watch this and note which classes it needs, so that
 * kedge starts in half the time and with less memory.
 */
final class Rehearsal {
  private static final ClusterSize CLUSTER = ClusterSize.DEFAULT;
  private static final int CLUSTERS = 256;

  /** Of those that use no bucket no command needs these. */
  private static final String S3_CLASSES = "dev/kedge/repository/s3/";

  /** How the words of a rehearsal on a bucket begin, so that bin/kedge starts it as one. */
  private static final String BUCKET = "s3://";

  private static final String PASSPHRASE = "rehearsal";

  private Rehearsal() {}

  /**
   * Where a rehearsal keeps its repositories.
   *
   * @param endpoint of the store; {@code null} in a folder
   */
  record Place(String location, @Nullable URI endpoint) {
    Place below(String name) {
      return new Place(location + "/" + name, endpoint);
    }

    BackupTarget open() {
      return endpoint == null
          ? new DirectoryTarget(Path.of(location))
          : S3Target.open(location, new S3Options(endpoint, null, null, null));
    }

    Stream<String> words() {
      Stream<String> target = Stream.of("--target", location);
      return endpoint == null
          ? target
          : Stream.concat(target, Stream.of("--s3-endpoint", endpoint.toString()));
    }
  }

  /**
   * Runs the rehearsal: with {@code s3://BUCKET} as the first word on a bucket of its own; with a
   * pool, and perhaps a Ceph user, {@link CephRehearsal} as well.
   */
  public static void main(String[] args) throws Exception {
    // A command's own way in, so that what it takes is in the cache, too.
    int _ = Main.run(Session.ofProcess(), "--version");
    rehearse(args);
  }

  private static void rehearse(String... args) throws Exception {
    Path folder = Files.createTempDirectory("kedge-rehearsal");
    List<String> words = List.of(args);
    boolean bucket = !words.isEmpty() && words.getFirst().startsWith(BUCKET);
    try (Session session = Session.ofProcess()) {
      bindLibraries();
      if (bucket) {
        System.setProperty("aws.accessKeyId", "rehearsal");
        System.setProperty("aws.secretAccessKey", "rehearsal");
        try (RehearsalStore store = new RehearsalStore()) {
          Place place = new Place(words.getFirst(), store.endpoint());
          rehearseBucket(session, folder, place, words.subList(1, words.size()));
        }
      } else {
        loadClasses();
        rehearseAll(session, folder, words);
      }
    } finally {
      remove(folder);
    }
  }

  private static void rehearseAll(Session session, Path folder, List<String> ceph)
      throws IOException {
    Place place = new Place(folder.toString(), null);
    if (!ceph.isEmpty()) {
      rehearseCeph(session, place, ceph);
    }
    rehearse(session, folder, place.below("plain"), List.of());
    rehearseEncrypted(session, folder, place.below("encrypted"));
  }

  /**
   * On a bucket, where memory is short, only what most runs need, without encryption and, where
   * Ceph is there, without what goes on without it: whatever is in a cache is always in memory.
   */
  private static void rehearseBucket(Session session, Path folder, Place place, List<String> ceph)
      throws IOException {
    if (ceph.isEmpty()) {
      rehearse(session, folder, place.below("plain"), List.of());
    } else {
      rehearseCeph(session, place, ceph);
    }
  }

  private static void rehearseCeph(Session session, Place place, List<String> ceph) {
    String user = ceph.size() > 1 ? ceph.get(1) : "admin";
    CephRehearsal.run(session, ceph.getFirst(), user, place.below("ceph"));
  }

  private static void rehearseEncrypted(Session session, Path folder, Place target)
      throws IOException {
    Path passphrase =
        Files.createFile(
            folder.resolve("passphrase"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(passphrase, PASSPHRASE);
    List<String> words = List.of("--passphrase-file", passphrase.toString());
    run(session, List.of("init", "--encrypt", words.getFirst(), words.getLast()), target);
    rehearse(session, folder, target, words);
  }

  private static void rehearse(Session session, Path folder, Place target, List<String> words)
      throws IOException {
    BackupTarget opened = KeySlots.unlock(target.open(), () -> Passphrase.of(PASSPHRASE));
    ImageStore store =
        Repository.openOrCreate(opened).image(new ImageIdentity("rehearsal", "pool", "", "image"));
    Manifest full = layer(store, null, Compression.ZSTD);
    layer(store, full, Compression.NONE);
    String point = "latest:rbd:pool/image";
    for (List<String> command :
        List.of(
            List.of("--help"),
            List.of("list"),
            List.of("show", point, "--output", "json"),
            List.of("verify", "--all"),
            List.of("restore", point, "--overwrite", "--to", folder + "/image.raw"),
            List.of("restore", point, "--overwrite", "--to", folder + "/image.qcow2"))) {
      boolean onTarget = !command.getFirst().startsWith("-");
      run(
          session,
          Stream.concat(command.stream(), onTarget ? words.stream() : Stream.of()).toList(),
          target);
    }
  }

  /** Runs a command of kedge on a backup target. */
  static void run(Session session, List<String> command, Place target) {
    Stream<String> words =
        command.getFirst().startsWith("-")
            ? command.stream()
            : Stream.concat(command.stream(), target.words());
    KedgeCommand.run(session, words.toArray(String[]::new));
  }

  private static void loadClasses() throws Exception {
    for (String entry : System.getProperty("java.class.path").split(":", -1)) {
      Path file = Path.of(entry).getFileName();
      if (file == null || !file.toString().startsWith("kedge-")) {
        continue;
      }
      try (JarFile jar = new JarFile(entry)) {
        for (String name : jar.stream().map(Object::toString).toList()) {
          if (name.endsWith(".class") && !name.contains("-info") && !name.startsWith(S3_CLASSES)) {
            String type = name.substring(0, name.length() - 6).replace('/', '.');
            Class.forName(type, false, Rehearsal.class.getClassLoader());
          }
        }
      }
    }
  }

  private static void bindLibraries() {
    // As a command does, so that what it takes to do that is in the cache, too.
    CephPreload.start("backup").await();
    try {
      CephLibraries.bindAll();
    } catch (KedgeException e) {
      // A machine that only builds needs no Ceph; the rehearsal is shorter there.
      System.err.println("kedge: " + e.getMessage());
    }
  }

  private static Manifest layer(
      ImageStore store, @Nullable Manifest parent, Compression compression) throws IOException {
    try (Lease lease = store.acquireLease()) {
      store.cleanUp(lease);
      UUID point = UUID.randomUUID();
      lease.intend(point, "backup." + point + ".snap.0");
      Manifest manifest;
      try (PointOutputs outputs = store.begin(point)) {
        manifest = write(store, lease, outputs, point, parent, compression);
      }
      store.commit(manifest, lease);
      return manifest;
    }
  }

  private static Manifest write(
      ImageStore store,
      Lease lease,
      PointOutputs outputs,
      UUID point,
      @Nullable Manifest parent,
      Compression compression)
      throws IOException {
    long size = (long) CLUSTERS * CLUSTER.bytes();
    DigestingOutput output = new DigestingOutput(outputs.data());
    Qcow2Writer qcow2 =
        new Qcow2Writer(
            output,
            new WriterOptions(
                size,
                CLUSTER,
                compression,
                parent == null ? null : new BackingFile(parent.file().name(), "qcow2")));
    SumsWriter sums = new SumsWriter(outputs.sums(), CLUSTER.bytes(), size);
    clusters(qcow2, sums, compression);
    qcow2.finish();
    outputs.data().flush();
    SumsWriter.Summary summary = sums.finish();
    outputs.sums().flush();
    return new Manifest(
        point,
        store.points().nextSequence(),
        parent == null ? Manifest.Kind.FULL : Manifest.Kind.INCREMENTAL,
        parent == null ? null : parent.id(),
        Instant.EPOCH,
        new Manifest.Image(store.identity(), "id", size, 4 << 20, 4 << 20, 1, 0, null, null),
        size,
        new Manifest.Snapshot("backup." + point + ".snap.0", 1, Instant.EPOCH, false),
        new Manifest.DataFile(
            point + ".qcow2",
            output.lengthBytes(),
            CLUSTER.bytes(),
            compression.name().toLowerCase(Locale.ROOT),
            output.tablesDigest()),
        new Manifest.SumsFile(
            point + ".sums", summary.lengthBytes(), summary.digest(), Checksum.ALGORITHM),
        new Manifest.Counts(1, size, size, 0, size),
        0,
        lease.token(),
        Manifest.WRITER,
        UnknownFields.NONE);
  }

  private static void clusters(Qcow2Writer qcow2, SumsWriter sums, Compression compression)
      throws IOException {
    Checksummer checksummer = new Checksummer();
    ByteBuffer cluster = ByteBuffer.allocateDirect(CLUSTER.bytes());
    ByteBuffer packed = ByteBuffer.allocateDirect(ClusterCompressor.bufferBytes(CLUSTER));
    try (ClusterCompressor compressor =
        compression == Compression.NONE ? null : ClusterCompressor.create(compression, CLUSTER)) {
      for (int i = 0; i < CLUSTERS; i += 2) {
        long offset = (long) i * CLUSTER.bytes();
        cluster.clear().putLong(0, i + 1);
        sums.data(i, checksummer.of(cluster));
        if (compressor != null && compressor.compress(cluster, packed.clear()) > 0) {
          qcow2.writeCompressed(offset, packed.flip());
        } else {
          qcow2.writeData(offset, cluster.clear());
        }
      }
    }
  }

  private static void remove(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
