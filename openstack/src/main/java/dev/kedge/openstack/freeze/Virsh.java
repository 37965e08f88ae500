package dev.kedge.openstack.freeze;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * libvirt through its own client: no native code of ours runs beside it, and every call can be
 * given up. Thread-safe.
 */
public final class Virsh {
  private static final String PING = "{\"execute\":\"guest-ping\"}";
  private static final Duration PING_WAIT = Duration.ofSeconds(5);

  private final String uri;

  /** The libvirt of that URI. */
  public Virsh(String uri) {
    this.uri = uri;
  }

  /**
   * Asks whether a domain's agent answers.
   *
   * @throws KedgeException where it does not, with the reason
   */
  public void requireAgent(String domain) {
    run(
        PING_WAIT.plusSeconds(2),
        "qemu-agent-command",
        domain,
        PING,
        "--timeout",
        Long.toString(PING_WAIT.toSeconds()));
  }

  /** {@code running}, {@code paused (user)}, {@code shut off}, ... with the reason in brackets. */
  public String state(String domain, Duration timeout) {
    return run(timeout, "domstate", domain, "--reason").strip();
  }

  /**
   * What a virsh command prints.
   *
   * @throws KedgeException where it fails or takes longer
   */
  String run(Duration timeout, String... arguments) {
    List<String> command = new ArrayList<>(List.of("virsh", "-q", "-c", uri));
    command.addAll(List.of(arguments));
    Process process = start(command);
    try {
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        throw failed(arguments, "it took longer than " + timeout.toMillis() + " ms");
      }
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.exitValue() != 0) {
        throw failed(arguments, output.strip().replaceAll("\\s+", " "));
      }
      return output;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KedgeException(ErrorCode.INTERRUPTED, "stopped while virsh was asked", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      process.destroyForcibly();
    }
  }

  private Process start(List<String> command) {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")));
    // Its answers are read here.
    builder.environment().put("LC_ALL", "C");
    try {
      return builder.start();
    } catch (IOException e) {
      throw new KedgeException(
          ErrorCode.FAILED,
          "virsh cannot be run, which asks libvirt (" + uri + "): install libvirt-clients",
          e);
    }
  }

  private KedgeException failed(String[] arguments, String why) {
    return new KedgeException(
        ErrorCode.FAILED, "virsh %s on %s: %s".formatted(arguments[0], uri, why));
  }
}
