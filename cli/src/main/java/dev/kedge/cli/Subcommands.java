package dev.kedge.cli;

import java.util.List;
import picocli.CommandLine;

/**
 * Gives a command its subcommands: the one that is called where a word names one, and all of them
 * else, for help and for what to say of a mistyped word. picocli reads every annotation of each,
 * which takes a start longer than most commands take to run.
 */
final class Subcommands {
  /** Makes a command by its name. */
  @FunctionalInterface
  interface Factory {
    Object command(String name);
  }

  private Subcommands() {}

  /**
   * Adds them.
   *
   * @param names all names, as the annotations say them, in the order of the help
   * @param args the whole command line
   * @param index which word of it may name one of them
   */
  static void add(CommandLine line, List<String> names, Factory factory, String[] args, int index) {
    int called = index < args.length ? names.indexOf(args[index]) : -1;
    for (String name : called < 0 ? names : List.of(names.get(called))) {
      line.addSubcommand(factory.command(name));
    }
  }
}
