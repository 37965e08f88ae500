package dev.kedge.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "verify")
final class VerifyCommand implements Callable<Integer> {
  VerifyCommand(Session session) {}

  @Override
  public Integer call() {
    return 1;
  }
}
