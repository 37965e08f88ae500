package dev.kedge.repository;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** File operations of a process that dies at one of them, before or after it took effect. */
final class CrashingFiles extends FileOperations {
  private final int crashAt;
  private final boolean afterEffect;
  private int count;

  CrashingFiles(int crashAt, boolean afterEffect) {
    this.crashAt = crashAt;
    this.afterEffect = afterEffect;
  }

  boolean crashed() {
    return count >= crashAt;
  }

  private interface Step<T> {
    T run() throws IOException;
  }

  private <T> T step(Step<T> step) throws IOException {
    count++;
    if (count == crashAt && afterEffect) {
      step.run();
    }
    if (count >= crashAt) {
      throw new IOException("crashed");
    }
    return step.run();
  }

  private void run(Step<Boolean> step) throws IOException {
    step(step);
  }

  @Override
  FileChannel createNew(Path file) throws IOException {
    return step(() -> super.createNew(file));
  }

  @Override
  void createFolder(Path folder) throws IOException {
    run(() -> {
      super.createFolder(folder);
      return true;
    });
  }

  @Override
  void link(Path name, Path existing) throws IOException {
    run(() -> {
      super.link(name, existing);
      return true;
    });
  }

  @Override
  void rename(Path from, Path to) throws IOException {
    run(() -> {
      super.rename(from, to);
      return true;
    });
  }

  @Override
  boolean delete(Path file) throws IOException {
    return step(() -> super.delete(file));
  }

  @Override
  void syncFolder(Path folder) throws IOException {
    run(() -> {
      super.syncFolder(folder);
      return true;
    });
  }
}
