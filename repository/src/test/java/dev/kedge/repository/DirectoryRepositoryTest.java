package dev.kedge.repository;

import static dev.kedge.repository.Failures.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a repository in a directory is made, and where not. */
class DirectoryRepositoryTest {
  @TempDir Path parent;
  private Path root;
  private BackupTarget target;

  @BeforeEach
  void create() {
    root = parent.resolve("backups");
    target = new DirectoryTarget(root);
  }

  private Repository open() {
    return Repository.openOrCreate(target);
  }

  @Test
  void aRepositoryIsMadeInAMissingOrEmptyDirectoryAndFoundAgain() throws IOException {
    Repository made = open();
    assertThat(Repository.open(target).info()).isEqualTo(made.info());
    assertThat(open().info()).isEqualTo(made.info());
    Path empty = Files.createDirectory(parent.resolve("empty"));
    Files.createDirectory(empty.resolve("lost+found"));
    Repository other = Repository.openOrCreate(new DirectoryTarget(empty));
    assertThat(other.info().id()).isNotEqualTo(made.info().id());
  }

  @Test
  void openingWhatIsNotThereSaysWhatToDo() throws IOException {
    assertThat(assertFails(ErrorCode.TARGET_UNREACHABLE, () -> Repository.open(target)))
        .hasMessageContaining("mounted");
    Files.createDirectory(root);
    assertThat(assertFails(ErrorCode.NOT_FOUND, () -> Repository.open(target)))
        .hasMessageContaining("first backup");
  }
}
