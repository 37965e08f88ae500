package dev.kedge.repository;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The steps of which a durable write consists, each one system call or nearly so. Tests override
 * them to fail, or to crash, at each. Backups hold users' data: files get mode 0600 and directories
 * 0700, whatever the umask allows. Thread-safe.
 */
class FileOperations {
  private static final FileAttribute<Set<PosixFilePermission>> FILE_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<Set<PosixFilePermission>> FOLDER_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  /** Opens a file that must not exist. */
  FileChannel createNew(Path file) throws IOException {
    return FileChannel.open(
        file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), FILE_MODE);
  }

  /** Opens a file that exists once more, to write past the page cache. */
  DirectWrites directWrites(Path file) {
    return DirectWrites.to(file);
  }

  /** Opens a file that may exist, for a lock on it. */
  FileChannel openLock(Path file) throws IOException {
    return FileChannel.open(
        file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), FILE_MODE);
  }

  void createFolder(Path folder) throws IOException {
    Files.createDirectory(folder, FOLDER_MODE);
  }

  /** Writes a new file and brings it to the disk. */
  void writeNew(Path file, byte[] bytes) throws IOException {
    try (FileChannel channel = createNew(file)) {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.force(true);
    }
  }

  void link(Path name, Path existing) throws IOException {
    Files.createLink(name, existing);
  }

  void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
  }

  boolean delete(Path file) throws IOException {
    return Files.deleteIfExists(file);
  }

  /** Brings a directory's entries to the disk. */
  void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
