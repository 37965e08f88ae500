package dev.kedge.engine;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;

/** Turns whatever a data path throws into a failure that a user can read. */
public final class DataFailure {
  private DataFailure() {}

  /** The same failure as a KedgeException, naming the object where it does not name one itself. */
  public static KedgeException of(String object, Exception failure) {
    return switch (failure) {
      case KedgeException known -> known;
      case UncheckedIOException wrapped -> io(object, Objects.requireNonNull(wrapped.getCause()));
      case IOException io -> io(object, io);
      case InterruptedException interrupted -> {
        Thread.currentThread().interrupt();
        yield new KedgeException(
            ErrorCode.INTERRUPTED, object + ": stopped by request", interrupted);
      }
      default -> new KedgeException(ErrorCode.FAILED, object + ": " + failure, failure);
    };
  }

  private static KedgeException io(String object, IOException failure) {
    String message = message(failure);
    // The JDK gives an errno only as its text.
    boolean full =
        message.contains("No space left on device") || message.contains("Disk quota exceeded");
    return new KedgeException(
        full ? ErrorCode.TARGET_FULL : ErrorCode.FAILED, object + ": " + message, failure);
  }

  // The JDK leaves the reason of these to their names.
  private static String message(IOException failure) {
    return switch (failure) {
      case NoSuchFileException missing -> missing.getFile() + " does not exist";
      case AccessDeniedException denied -> "no permission for " + denied.getFile();
      default -> String.valueOf(failure.getMessage());
    };
  }
}
