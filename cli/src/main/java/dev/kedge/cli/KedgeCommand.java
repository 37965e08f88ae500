package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.Manifest;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The root: {@code kedge} itself, and how every subcommand ends. */
@Command(
    name = "kedge",
    mixinStandardHelpOptions = true,
    versionProvider = KedgeCommand.Version.class,
    header = "Backs up and recovers RBD images and OpenStack instances.",
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "",
      "A backup takes an RBD snapshot, asks Ceph what changed since the last one, and",
      "writes just that as a QCOW2 file to the backup target. See 'kedge COMMAND --help'.",
      ""
    },
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Exit statuses: 0 done, 1 failed or refused, 2 usage, 3 not found, 4 Ceph unreachable,",
      "5 target full or unreachable, 6 verification failed, 7 busy, 8 authentication failed,",
      "9 permission denied, 10 native library missing, 11 disks were left out, 130 interrupted."
    })
final class KedgeCommand implements Callable<Integer> {
  /** Says what {@code --version} prints. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {Manifest.WRITER};
    }
  }

  /** All subcommands, in the order of the help. */
  static final List<String> NAMES =
      List.of(
          "init",
          "backup",
          "list",
          "show",
          "restore",
          "decrypt",
          "verify",
          "repair",
          "copy",
          "delete",
          "key",
          "prune",
          "instance");

  @Spec private CommandSpec spec = CommandSpec.create();

  /** Runs the command line and returns its exit status. */
  static int run(Session session, String... args) {
    CommandLine line = line(session, args);
    line.setOut(new PrintWriter(session.out(), true, StandardCharsets.UTF_8));
    line.setErr(new PrintWriter(session.err(), true, StandardCharsets.UTF_8));
    line.setUsageHelpWidth(100);
    line.setParameterExceptionHandler((e, words) -> usage(session, e));
    line.setExecutionExceptionHandler((e, command, words) -> failure(session, e, args));
    return line.execute(args);
  }

  /** The command with those of its subcommands that this command line needs. */
  static CommandLine line(Session session, String... args) {
    CommandLine line = new CommandLine(new KedgeCommand());
    Subcommands.add(line, NAMES, name -> command(name, session, args), args, 0);
    return line;
  }

  private static Object command(String name, Session session, String... args) {
    return switch (name) {
      case "init" -> new InitCommand(session);
      case "backup" -> new BackupCommand(session);
      case "list" -> new ListCommand(session);
      case "show" -> new ShowCommand(session);
      case "restore" -> new RestoreCommand(session);
      case "decrypt" -> new DecryptCommand(session);
      case "verify" -> new VerifyCommand(session);
      case "repair" -> new RepairCommand(session);
      case "copy" -> new CopyCommand(session);
      case "delete" -> new DeleteCommand(session);
      case "key" -> KeyCommand.line(session, args);
      case "prune" -> new PruneCommand(session);
      case "instance" -> InstanceCommand.line(session, args);
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static int usage(Session session, ParameterException e) {
    session.err().println("kedge: " + e.getMessage());
    session
        .err()
        .println("Try '" + e.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
    return ErrorCode.USAGE.exitStatus();
  }

  private static int failure(Session session, Exception e, String... args) {
    ErrorCode code = e instanceof KedgeException known ? known.code() : ErrorCode.FAILED;
    String message = e instanceof KedgeException ? e.getMessage() : e.toString();
    session.err().println("kedge: " + message);
    if (!(e instanceof KedgeException) || Variables.all().containsKey("KEDGE_DEBUG")) {
      e.printStackTrace(session.err());
    }
    if (wantsJson(args)) {
      ObjectNode error = JsonNodeFactory.instance.objectNode();
      error.putObject("error").put("code", code.name()).put("message", message);
      session.out().println(Json.text(error));
    }
    return code.exitStatus();
  }

  private static boolean wantsJson(String... args) {
    String words = " " + String.join(" ", Arrays.asList(args)) + " ";
    return words.matches(".* (--output|-o)[ =]json .*");
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ErrorCode.USAGE.exitStatus();
  }
}
