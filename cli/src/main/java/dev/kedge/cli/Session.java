package dev.kedge.cli;

import dev.kedge.engine.CancelToken;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/**
 * What a command has around it: where it prints, and whether it should stop. Results go to standard
 * output, everything else to standard error.
 */
final class Session implements AutoCloseable {
  private final PrintStream out;
  private final PrintStream err;
  private final WritableByteChannel stream;
  private final boolean terminal;
  private final boolean terminalOut;
  private final CancelToken cancel = new CancelToken();

  private Session(
      PrintStream out,
      PrintStream err,
      WritableByteChannel stream,
      boolean terminal,
      boolean terminalOut) {
    this.out = out;
    this.err = err;
    this.stream = stream;
    this.terminal = terminal;
    this.terminalOut = terminalOut;
  }

  static Session ofProcess() {
    FileOutputStream output = new FileOutputStream(FileDescriptor.out);
    return new Session(
        new PrintStream(output, false, StandardCharsets.UTF_8),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
        output.getChannel(),
        Terminal.isTerminal(2),
        Terminal.isTerminal(1));
  }

  /** One whose outputs are files, for a command that runs beside others in this process. */
  static Session into(FileOutputStream out, FileOutputStream err) {
    return new Session(
        new PrintStream(out, false, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        out.getChannel(),
        false,
        false);
  }

  PrintStream out() {
    return out;
  }

  PrintStream err() {
    return err;
  }

  /** Standard output for bytes. */
  WritableByteChannel stream() {
    return stream;
  }

  /** Whether standard error is a terminal, so that a progress line can be drawn. */
  boolean isTerminal() {
    return terminal;
  }

  /** Whether standard output is a terminal. */
  boolean isTerminalOut() {
    return terminalOut;
  }

  CancelToken cancel() {
    return cancel;
  }

  @Override
  public void close() {
    out.flush();
    err.flush();
  }
}
