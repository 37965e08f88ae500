package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code kedge instance}: what has to do with OpenStack. */
@Command(
    name = "instance",
    mixinStandardHelpOptions = true,
    header = "Back up and recover OpenStack instances.",
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "",
      "Which cloud, and as whom, is told as to every OpenStack client: --os-cloud, OS_CLOUD",
      "and clouds.yaml, or OS_* variables. kedge.yaml says where its disks lie.",
      ""
    },
    commandListHeading = "%nCommands:%n")
final class InstanceCommand implements Callable<Integer> {
  /** All subcommands, in the order of the help. */
  static final List<String> NAMES =
      List.of("backup", "list", "show", "delete", "plan", "restore", "clean-up");

  @Spec private CommandSpec spec = CommandSpec.create();

  /**
   * The command; with its subcommands only where it is the one that is called, so that no other
   * waits for OpenStack's classes to be loaded.
   */
  static CommandLine line(Session session, String... args) {
    CommandLine line = new CommandLine(new InstanceCommand());
    if (args.length > 0 && args[0].equals("instance")) {
      Subcommands.add(line, NAMES, name -> command(name, session), args, 1);
    }
    return line;
  }

  private static Object command(String name, Session session) {
    return switch (name) {
      case "backup" -> new InstanceBackupCommand(session);
      case "list" -> new InstanceListCommand(session);
      case "show" -> new InstanceShowCommand(session);
      case "delete" -> new InstanceDeleteCommand(session);
      case "plan" -> new InstancePlanCommand(session);
      case "restore" -> new InstanceRestoreCommand(session);
      case "clean-up" -> new InstanceCleanUpCommand(session);
      default -> throw new IllegalArgumentException(name);
    };
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ErrorCode.USAGE.exitStatus();
  }
}
