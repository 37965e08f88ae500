package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * A directory as backup target: on a local file system, NFS or CephFS. Files have mode 0600 and
 * directories 0700. Names that start with a dot are the target's own: temporary files, and the lock
 * that {@link ExclusivePut} needs on file systems without hard links. Thread-safe.
 */
public final class DirectoryTarget implements BackupTarget, InPlaceTarget {
  private final Path root;
  private final FileOperations files;
  private final TargetErrors errors;
  private final DirectoryFolders folders;
  private final ExclusivePut exclusivePut;
  private final DirectoryListing listing;

  /** A target in the given directory, which need not exist yet. */
  public DirectoryTarget(Path root) {
    this(root, new FileOperations());
  }

  DirectoryTarget(Path root, FileOperations files) {
    this.root = root.toAbsolutePath().normalize();
    this.files = files;
    this.errors = new TargetErrors(this.root);
    this.folders = new DirectoryFolders(this.root, files);
    this.exclusivePut = new ExclusivePut(this.root, files);
    this.listing = new DirectoryListing(this.root);
  }

  @Override
  public String location() {
    return root.toString();
  }

  @Override
  public void createLocation() {
    try {
      folders.createRoot();
    } catch (NoSuchFileException e) {
      throw new KedgeException(
          ErrorCode.TARGET_UNREACHABLE,
          "Cannot create " + root + ": the directory above it does not exist; is it mounted?",
          e);
    } catch (IOException e) {
      throw errors.writing("", e);
    }
  }

  @Override
  public boolean isEmpty() {
    try {
      return listing.isEmpty();
    } catch (IOException e) {
      throw errors.reading("", e);
    }
  }

  @Override
  public ObjectOutput create(String name) {
    Path file = path(name);
    try {
      folders.ensure(file);
      // A new file, not a truncated one: whoever still writes the old one must not reach this.
      files.delete(file);
      return new FileOutput(name, file, files, errors);
    } catch (IOException e) {
      throw errors.writing(name, e);
    }
  }

  @Override
  public ObjectOutput createReplacement(String name) {
    Path file = path(name);
    try {
      folders.ensure(file);
      return new ReplacingOutput(name, file, files, errors, this::path);
    } catch (IOException e) {
      throw errors.writing(name, e);
    }
  }

  @Override
  public ObjectInput open(String name) {
    try {
      return FileInput.openLocked(name, path(name), errors);
    } catch (IOException e) {
      throw errors.reading(name, e);
    }
  }

  @Override
  public ObjectEditor edit(String name) {
    try {
      return FileEditor.open(name, path(name), errors);
    } catch (IOException e) {
      throw errors.reading(name, e);
    }
  }

  @Override
  public void rename(String from, String to) {
    Path file = path(to);
    try {
      files.rename(path(from), file);
      files.syncFolder(DirectoryFolders.of(file));
    } catch (NoSuchFileException e) {
      throw errors.reading(from, e);
    } catch (IOException e) {
      throw errors.writing(to, e);
    }
  }

  @Override
  public byte[] readAll(String name, int maxBytes) {
    try (ObjectInput input = openUnlocked(name)) {
      long lengthBytes = input.lengthBytes();
      if (lengthBytes > maxBytes) {
        throw new KedgeException(
            ErrorCode.VERIFICATION_FAILED,
            "%s in %s has %d bytes, more than the %d that such an object can have"
                .formatted(name, root, lengthBytes, maxBytes));
      }
      byte[] bytes = new byte[(int) lengthBytes];
      input.readFully(0, ByteBuffer.wrap(bytes));
      return bytes;
    }
  }

  // Small objects are replaced, never changed.
  private ObjectInput openUnlocked(String name) {
    try {
      return FileInput.open(name, path(name), errors);
    } catch (IOException e) {
      throw errors.reading(name, e);
    }
  }

  @Override
  public boolean putIfAbsent(String name, byte[] bytes) {
    Path file = path(name);
    try {
      folders.ensure(file);
      return exclusivePut.put(file, bytes);
    } catch (IOException e) {
      throw errors.writing(name, e);
    }
  }

  @Override
  public void replace(String name, byte[] bytes) {
    Path file = path(name);
    Path temporary = DirectoryFolders.temporary(file);
    try {
      folders.ensure(file);
      try {
        files.writeNew(temporary, bytes);
        rename(temporary, file, bytes);
      } finally {
        files.delete(temporary);
      }
      files.syncFolder(DirectoryFolders.of(file));
    } catch (IOException e) {
      throw errors.writing(name, e);
    }
  }

  private void rename(Path temporary, Path file, byte[] bytes) throws IOException {
    try {
      files.rename(temporary, file);
    } catch (NoSuchFileException e) {
      // NFS sends a rename again whose answer was lost; the second one finds nothing to rename.
      if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), bytes)) {
        throw e;
      }
    } catch (FileAlreadyExistsException e) {
      throw new IOException(file + " is a directory", e);
    }
  }

  @Override
  public void delete(String name) {
    Path file = path(name);
    try {
      files.delete(file);
      // Also where nothing was there: an earlier delete may have died before this line.
      files.syncFolder(DirectoryFolders.of(file));
    } catch (NoSuchFileException e) {
      KedgeException failure = errors.reading(name, e);
      if (failure.code() != ErrorCode.NOT_FOUND) {
        throw failure;
      }
    } catch (IOException e) {
      throw errors.writing(name, e);
    }
  }

  @Override
  public List<StoredObject> list(String prefix) {
    ObjectName.checkPrefix(prefix);
    try {
      return listing.objects(prefix);
    } catch (IOException e) {
      return emptyIfMissing(prefix, e);
    }
  }

  @Override
  public List<String> folders(String prefix) {
    ObjectName.checkPrefix(prefix);
    try {
      return listing.folders(prefix);
    } catch (IOException e) {
      return emptyIfMissing(prefix, e);
    }
  }

  private <T> List<T> emptyIfMissing(String prefix, IOException e) {
    KedgeException failure = errors.reading(prefix, e);
    if (failure.code() == ErrorCode.NOT_FOUND) {
      return List.of();
    }
    throw failure;
  }

  @Override
  public OptionalLong length(String name) {
    try {
      return OptionalLong.of(Files.size(path(name)));
    } catch (IOException e) {
      KedgeException failure = errors.reading(name, e);
      if (failure.code() == ErrorCode.NOT_FOUND) {
        return OptionalLong.empty();
      }
      throw failure;
    }
  }

  @Override
  public List<String> sweep(String prefix, Instant modifiedBefore) {
    ObjectName.checkPrefix(prefix);
    List<String> removed = new ArrayList<>();
    try {
      // A temporary file's name does not say whose it was.
      String folder = prefix.substring(0, prefix.lastIndexOf('/') + 1);
      if (!folder.equals(prefix)) {
        return removed;
      }
      for (Path file : listing.temporaries(prefix, modifiedBefore)) {
        if (files.delete(file)) {
          removed.add(root.relativize(file).toString());
        }
      }
    } catch (IOException e) {
      removed.addAll(emptyIfMissing(prefix, e));
    }
    return removed;
  }

  private Path path(String name) {
    return root.resolve(ObjectName.check(name));
  }

  @Override
  public String toString() {
    return location();
  }
}
