package dev.kedge.repository;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Creates a file whole or not at all, with one winner: the bytes go to a temporary file, which
 * link(2) gives its name; that call fails where the name exists, on one host and over NFS. An
 * exclusive open(2) would have one winner too, but a crash would leave half a file.
 *
 * <p>Where the file system has no hard links (FAT, some SMB and FUSE), a lock on a file in the root
 * makes "look, then rename" exclusive instead. The kernel gives the lock back when its holder dies.
 * It is exclusive between hosts only as far as that file system's locks are. Thread-safe.
 */
final class ExclusivePut {
  static final String LOCK_NAME = ".lock";

  /** strerror(3) of EPERM (FAT), EOPNOTSUPP and ENOSYS. */
  private static final Set<String> NO_HARD_LINKS =
      Set.of("Operation not permitted", "Operation not supported", "Function not implemented");

  /** POSIX locks do not exclude threads of one process. */
  private static final ReentrantLock IN_PROCESS = new ReentrantLock();

  private final Path root;
  private final FileOperations files;

  ExclusivePut(Path root, FileOperations files) {
    this.root = root;
    this.files = files;
  }

  /** Whether this call created the file; durable when it returns. */
  boolean put(Path file, byte[] bytes) throws IOException {
    Path temporary = DirectoryFolders.temporary(file);
    try {
      files.writeNew(temporary, bytes);
      boolean created = publish(temporary, file);
      // The loser syncs too: it must not act on an object that a loss of power takes away again.
      files.syncFolder(DirectoryFolders.of(file));
      return created;
    } finally {
      files.delete(temporary);
    }
  }

  private boolean publish(Path temporary, Path file) throws IOException {
    try {
      files.link(file, temporary);
      return true;
    } catch (FileAlreadyExistsException e) {
      return isSame(temporary, file);
    } catch (UnsupportedOperationException e) {
      return renameUnderLock(temporary, file);
    } catch (FileSystemException e) {
      // NFS sends a link again whose answer was lost: believe the file, not the answer.
      if (isSame(temporary, file)) {
        return true;
      }
      if (hasNoHardLinks(e)) {
        return renameUnderLock(temporary, file);
      }
      throw e;
    }
  }

  private static boolean isSame(Path temporary, Path file) throws IOException {
    try {
      return Files.isSameFile(temporary, file);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  /**
   * What link(2) says where the file system has no hard links. Any other failure, or a translated
   * text, stays one: the lock must not be mixed with the links of others.
   */
  private static boolean hasNoHardLinks(FileSystemException e) {
    String reason = e.getReason();
    return reason != null && NO_HARD_LINKS.contains(reason);
  }

  private boolean renameUnderLock(Path temporary, Path file) throws IOException {
    IN_PROCESS.lock();
    try (FileChannel channel = files.openLock(root.resolve(LOCK_NAME));
        FileLock lock = channel.lock()) {
      if (!lock.isValid() || Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        return false;
      }
      files.rename(temporary, file);
      return true;
    } finally {
      IN_PROCESS.unlock();
    }
  }
}
