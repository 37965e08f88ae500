package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code kedge key}: who can open an encrypted repository. */
@Command(
    name = "key",
    mixinStandardHelpOptions = true,
    header = "List and change the passphrases of an encrypted repository.",
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "",
      "The key of a repository lies in key slots, each with a passphrase of its own. Slots",
      "come and go; what is stored stays as it is.",
      ""
    },
    commandListHeading = "%nCommands:%n")
final class KeyCommand implements Callable<Integer> {
  /** All subcommands, in the order of the help. */
  static final List<String> NAMES = List.of("list", "add", "change", "remove");

  @Spec private CommandSpec spec = CommandSpec.create();

  /** The command; with its subcommands only where it is the one that is called. */
  static CommandLine line(Session session, String... args) {
    CommandLine line = new CommandLine(new KeyCommand());
    if (args.length > 0 && args[0].equals("key")) {
      Subcommands.add(line, NAMES, name -> command(name, session), args, 1);
    }
    return line;
  }

  private static Object command(String name, Session session) {
    return switch (name) {
      case "list" -> new KeyListCommand(session);
      case "add" -> new KeyAddCommand(session);
      case "change" -> new KeyChangeCommand(session);
      case "remove" -> new KeyRemoveCommand(session);
      default -> throw new IllegalArgumentException(name);
    };
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ErrorCode.USAGE.exitStatus();
  }
}
