package dev.kedge.cli.testing;

import dev.kedge.ceph.testing.LabCeph;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/** Another Ceph cluster, beside the lab's own; started here, and gone when this is closed. */
public final class SecondLab implements AutoCloseable {
  // The lab takes the next free ones where these are taken.
  private static final Map<String, String> PORTS =
      Map.of(
          "KEDGE_LAB_MON_V2", "13770",
          "KEDGE_LAB_MON_V1", "16859",
          "KEDGE_LAB_OSD_PORT", "21700");

  private final Path folder;
  private final LabCeph ceph;

  private SecondLab(Path folder) {
    this.folder = folder;
    lab("up");
    try {
      ceph = LabCeph.connect(conf());
    } catch (RuntimeException | Error e) {
      lab("down");
      throw e;
    }
  }

  /** Starts one, in a folder that does not exist yet. */
  public static SecondLab start(Path folder) {
    return new SecondLab(folder);
  }

  /** Its ceph.conf. */
  public Path conf() {
    return folder.resolve("ceph.conf");
  }

  /** The connection as admin. */
  public LabCeph ceph() {
    return ceph;
  }

  private void lab(String command) {
    String root = Objects.requireNonNull(System.getenv("KEDGE_ROOT"), "KEDGE_ROOT");
    try {
      Path log = folder.resolveSibling(folder.getFileName() + ".log");
      ProcessBuilder builder =
          new ProcessBuilder(Path.of(root, "lab", "ceph").toString(), command)
              .redirectErrorStream(true)
              .redirectInput(new File("/dev/null"))
              // Not a pipe, which the daemons would inherit and hold open.
              .redirectOutput(log.toFile());
      builder
          .environment()
          .keySet()
          .removeIf(name -> name.startsWith("KEDGE_LAB_") || name.equals("CEPH_CONF"));
      builder.environment().putAll(PORTS);
      builder.environment().put("KEDGE_LAB_RUN", folder.toString());
      int status = builder.start().waitFor();
      if (status != 0) {
        throw new AssertionError(
            "lab/ceph "
                + command
                + ": status "
                + status
                + ", "
                + Files.readString(log, StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    try {
      ceph.close();
    } finally {
      lab("down");
    }
  }
}
