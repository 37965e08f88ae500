package dev.kedge.repository;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** Makes the folders of a directory target, so that they survive a loss of power. Thread-safe. */
final class DirectoryFolders {
  static final String TEMPORARY_PREFIX = ".tmp-";

  private final Path root;
  private final FileOperations files;
  private final Set<Path> durable = ConcurrentHashMap.newKeySet();

  DirectoryFolders(Path root, FileOperations files) {
    this.root = root;
    this.files = files;
  }

  /** The folder of a file inside the root. */
  static Path of(Path file) {
    Path parent = file.getParent();
    if (parent == null) {
      throw new IllegalArgumentException(file + " has no folder");
    }
    return parent;
  }

  /** A name beside the file that no other writer has. */
  static Path temporary(Path file) {
    return file.resolveSibling(TEMPORARY_PREFIX + UUID.randomUUID());
  }

  /** Makes the root itself, in a directory that must exist. */
  void createRoot() throws IOException {
    if (!Files.isDirectory(root)) {
      create(root);
      files.syncFolder(of(root));
    }
  }

  /**
   * Makes the folders between the root and a file. The root is not made: a target that was
   * unmounted must not come back as a directory on the system disk.
   */
  void ensure(Path file) throws IOException {
    ensureFolder(of(file));
  }

  private void ensureFolder(Path folder) throws IOException {
    if (folder.equals(root) || durable.contains(folder)) {
      return;
    }
    Path parent = of(folder);
    ensureFolder(parent);
    if (!Files.isDirectory(folder)) {
      create(folder);
    }
    // Even where it was there: its maker may have died before it was durable.
    files.syncFolder(parent);
    durable.add(folder);
  }

  private void create(Path folder) throws IOException {
    try {
      files.createFolder(folder);
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
  }
}
