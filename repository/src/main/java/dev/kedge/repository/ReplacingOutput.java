package dev.kedge.repository;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.Function;

/** A data object in a temporary file, which takes another's place when it is flushed. */
final class ReplacingOutput implements ObjectOutput {
  /** Less is soon read and written. */
  private static final long LEAST_COPY_BYTES = 1 << 20;

  private final String name;
  private final Path file;
  private final Path temporary;
  private final FileOperations files;
  private final TargetErrors errors;
  private final FileOutput output;
  private final Function<String, Path> places;
  private boolean published;

  /** {@code places} says where the target's objects are. */
  ReplacingOutput(
      String name,
      Path file,
      FileOperations files,
      TargetErrors errors,
      Function<String, Path> places)
      throws IOException {
    this.name = name;
    this.file = file;
    this.temporary = DirectoryFolders.temporary(file);
    this.files = files;
    this.errors = errors;
    this.places = places;
    this.output = new FileOutput(name, temporary, files, errors);
  }

  @Override
  public void reserveHeader(int lengthBytes) {
    output.reserveHeader(lengthBytes);
  }

  @Override
  public void append(ByteBuffer bytes, Part part) {
    output.append(bytes, part);
  }

  @Override
  public long leastCopyBytes() {
    return LEAST_COPY_BYTES;
  }

  @Override
  public void copyRange(String object, long position, long copyBytes) {
    output.copyFrom(places.apply(object), position, copyBytes);
  }

  @Override
  public void writeHeader(ByteBuffer header) {
    output.writeHeader(header);
  }

  @Override
  public long lengthBytes() {
    return output.lengthBytes();
  }

  @Override
  public void flush() {
    output.flush();
    try {
      files.rename(temporary, file);
      published = true;
      files.syncFolder(DirectoryFolders.of(file));
    } catch (IOException e) {
      throw errors.writing(name, e);
    }
  }

  @Override
  public void close() {
    try (output) {
      if (!published) {
        files.delete(temporary);
      }
    } catch (IOException e) {
      throw errors.writing(name, e);
    }
  }
}
