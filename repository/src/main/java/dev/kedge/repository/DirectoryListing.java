package dev.kedge.repository;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a directory target holds. Thread-safe. */
final class DirectoryListing {
  private final Path root;

  DirectoryListing(Path root) {
    this.root = root;
  }

  /** Whether there is nothing but our own leftovers and what mkfs puts into a new file system. */
  boolean isEmpty() throws IOException {
    return entries(root).stream()
        .map(DirectoryListing::baseName)
        .allMatch(name ->
            name.equals("lost+found")
                || name.equals(ExclusivePut.LOCK_NAME)
                || name.startsWith(DirectoryFolders.TEMPORARY_PREFIX));
  }

  /** See {@link BackupTarget#list}. */
  List<StoredObject> objects(String prefix) throws IOException {
    String folder = prefix.substring(0, prefix.lastIndexOf('/') + 1);
    String start = prefix.substring(folder.length());
    List<StoredObject> found = new ArrayList<>();
    for (Path entry : entries(root.resolve(folder))) {
      String name = baseName(entry);
      if (name.startsWith(start) && !name.startsWith(".")) {
        stored(folder + name, entry).ifPresent(found::add);
      }
    }
    found.sort(Comparator.comparing(StoredObject::name));
    return found;
  }

  /** See {@link BackupTarget#folders}. */
  List<String> folders(String prefix) throws IOException {
    return entries(root.resolve(prefix)).stream()
        .filter(entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))
        .map(DirectoryListing::baseName)
        .filter(name -> !name.startsWith("."))
        .sorted()
        .toList();
  }

  /** Our own temporary files in a folder, if they were last touched before the given time. */
  List<Path> temporaries(String prefix, Instant modifiedBefore) throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path entry : entries(root.resolve(prefix))) {
      String name = baseName(entry);
      if (name.startsWith(DirectoryFolders.TEMPORARY_PREFIX)
          && stored(name, entry).filter(o -> o.modifiedAt().isBefore(modifiedBefore)).isPresent()) {
        found.add(entry);
      }
    }
    return found;
  }

  private static List<Path> entries(Path folder) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
      stream.forEach(entries::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return entries;
  }

  private static String baseName(Path entry) {
    return String.valueOf(entry.getFileName());
  }

  /** Empty for anything that is no regular file, or was removed in the meantime. */
  private static Optional<StoredObject> stored(String name, Path entry) throws IOException {
    Map<String, Object> attributes;
    try {
      attributes =
          Files.readAttributes(
              entry, "unix:isRegularFile,size,lastModifiedTime,ctime", LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    if (!Boolean.TRUE.equals(attributes.get("isRegularFile"))) {
      return Optional.empty();
    }
    return Optional.of(
        new StoredObject(name, (long) get(attributes, "size"), modifiedAt(attributes)));
  }

  private static Instant modifiedAt(Map<String, Object> attributes) {
    Instant modified = ((FileTime) get(attributes, "lastModifiedTime")).toInstant();
    Instant changed = ((FileTime) get(attributes, "ctime")).toInstant();
    return changed.isAfter(modified) ? changed : modified;
  }

  private static Object get(Map<String, Object> attributes, String name) {
    Object value = attributes.get(name);
    if (value == null) {
      throw new IllegalStateException("stat(2) gave no " + name);
    }
    return value;
  }
}
