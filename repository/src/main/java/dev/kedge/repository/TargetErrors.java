package dev.kedge.repository;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;

/** Says in Kedge's terms what a failed file operation means for a directory target. */
final class TargetErrors {
  /** strerror(3) of ENOSPC, EDQUOT and EFBIG's kin; translated where the locale is. */
  private static final List<String> FULL =
      List.of("No space left on device", "Disk quota exceeded");

  /** Less than this free, and a failed write of any text is put down to space. */
  private static final long NEARLY_FULL_BYTES = 1 << 20;

  private final Path root;

  TargetErrors(Path root) {
    this.root = root;
  }

  /** The failure of reading, listing or removing {@code name}. */
  KedgeException reading(String name, IOException e) {
    if (e instanceof NoSuchFileException && Files.isDirectory(root)) {
      return notFound(name, e);
    }
    return other(name, e);
  }

  /** The failure of writing {@code name}. */
  KedgeException writing(String name, IOException e) {
    if (isFull(e)) {
      return new KedgeException(
          ErrorCode.TARGET_FULL,
          "The backup target " + root + " is full: free space or delete restore points",
          e);
    }
    return other(name, e);
  }

  /** There is no such object. */
  KedgeException notFound(String name, IOException e) {
    return new KedgeException(ErrorCode.NOT_FOUND, "There is no " + name + " in " + root, e);
  }

  private KedgeException other(String name, IOException e) {
    if (e instanceof ClosedByInterruptException) {
      return new KedgeException(ErrorCode.INTERRUPTED, "Stopped while using " + root, e);
    }
    if (!Files.isDirectory(root)) {
      return new KedgeException(
          ErrorCode.TARGET_UNREACHABLE,
          "The backup target " + root + " is not there: is it mounted?",
          e);
    }
    return new KedgeException(ErrorCode.TARGET_UNREACHABLE, describe(name, e), e);
  }

  private String describe(String name, IOException e) {
    String object = name.isEmpty() ? root.toString() : root.resolve(name).toString();
    if (e instanceof AccessDeniedException) {
      return "No permission for " + object + ": check its owner and mode";
    }
    if (e instanceof NotDirectoryException) {
      return object + " is not a directory";
    }
    return "The backup target failed at " + object + ": " + reason(e);
  }

  private static String reason(IOException e) {
    String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    return reason == null || reason.isBlank() ? e.getClass().getSimpleName() : reason;
  }

  private boolean isFull(IOException e) {
    String reason = reason(e);
    if (FULL.stream().anyMatch(reason::contains)) {
      return true;
    }
    if (e instanceof NoSuchFileException || e instanceof AccessDeniedException) {
      return false;
    }
    try {
      return Files.getFileStore(root).getUsableSpace() < NEARLY_FULL_BYTES;
    } catch (IOException unreachable) {
      return false;
    }
  }
}
