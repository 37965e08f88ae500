package dev.kedge.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** A start builds the model of one command only; nobody can tell. */
final class CommandModelTest {
  private static final Session SESSION = Session.ofProcess();

  @Test
  void theNamesAreThoseOfTheAnnotations() {
    assertThat(KedgeCommand.line(SESSION).getSubcommands().keySet())
        .containsExactlyElementsOf(KedgeCommand.NAMES);
    assertThat(below("key").getSubcommands().keySet()).containsExactlyElementsOf(KeyCommand.NAMES);
    assertThat(below("instance").getSubcommands().keySet())
        .containsExactlyElementsOf(InstanceCommand.NAMES);
  }

  @Test
  void aCommandIsTheSameAloneAsAmongAll() {
    CommandLine all = KedgeCommand.line(SESSION);
    for (String name : KedgeCommand.NAMES) {
      assertThat(KedgeCommand.line(SESSION, name).getSubcommands()).containsOnlyKeys(name);
      if (!name.equals("key") && !name.equals("instance")) {
        assertThat(below(name).getUsageMessage())
            .isEqualTo(subcommand(all, name).getUsageMessage());
      }
    }
    for (String group : List.of("key", "instance")) {
      CommandLine whole = below(group);
      for (String name : whole.getSubcommands().keySet()) {
        CommandLine alone = below(group, name);
        assertThat(alone.getSubcommands()).containsOnlyKeys(name);
        assertThat(subcommand(alone, name).getUsageMessage())
            .isEqualTo(subcommand(whole, name).getUsageMessage());
      }
    }
  }

  @Test
  void helpAndMistypedWordsSeeAllCommands() {
    for (String word : List.of("--help", "-h", "backups", "", "@file", "--target")) {
      assertThat(KedgeCommand.line(SESSION, word).getSubcommands())
          .hasSameSizeAs(KedgeCommand.NAMES);
      assertThat(below("instance", word).getSubcommands()).hasSameSizeAs(InstanceCommand.NAMES);
    }
  }

  @Test
  void onlyWhatWillAskCephLoadsItBeforehand() {
    assertThat(CephPreload.needsCeph("backup", "rbd:a/b", "--target", "/t")).isTrue();
    assertThat(CephPreload.needsCeph("restore", "latest:rbd:a/b", "--to", "rbd:a/c")).isTrue();
    assertThat(CephPreload.needsCeph("restore", "latest:rbd:a/b", "--to=rbd:a/c")).isTrue();
    assertThat(CephPreload.needsCeph("restore", "latest:rbd:a/b", "--to", "c.raw")).isFalse();
    assertThat(CephPreload.needsCeph("backup", "--help")).isFalse();
    assertThat(CephPreload.needsCeph("list", "--target", "/t")).isFalse();
    assertThat(CephPreload.needsCeph()).isFalse();
  }

  private static CommandLine below(String... words) {
    return subcommand(KedgeCommand.line(SESSION, words), words[0]);
  }

  private static CommandLine subcommand(CommandLine line, String name) {
    return Objects.requireNonNull(line.getSubcommands().get(name));
  }
}
