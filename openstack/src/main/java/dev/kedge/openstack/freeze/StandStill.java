package dev.kedge.openstack.freeze;

import dev.kedge.openstack.cloud.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A way to make one guest stand still. */
public sealed interface StandStill {
  /**
   * Its agent freezes the file systems.
   *
   * @param uri of the libvirt that runs it
   * @param domain libvirt's UUID, which is Nova's
   */
  record Agent(String uri, String domain) implements StandStill {}

  /** libvirt stops its processors. */
  record Suspend(String uri, String domain) implements StandStill {}

  /**
   * Nova stops its processors.
   *
   * @param server the server's URL
   * @param caFile see {@link dev.kedge.openstack.cloud.CloudConfig}
   */
  record NovaPause(URI server, Secret token, @Nullable Path caFile, boolean verify)
      implements StandStill {}

  /** One line for {@link FreezeHelper}. */
  default String toLine() {
    String line =
        switch (this) {
          case Agent(String uri, String domain) -> String.join("\t", "agent", uri, domain);
          case Suspend(String uri, String domain) -> String.join("\t", "suspend", uri, domain);
          case NovaPause(URI server, Secret token, Path caFile, boolean verify) ->
              String.join(
                  "\t",
                  "nova",
                  server.toString(),
                  token.reveal(),
                  caFile == null ? "" : caFile.toString(),
                  Boolean.toString(verify));
        };
    if (line.contains("\n")) {
      throw new IllegalArgumentException("a guest's address has more than one line");
    }
    return line;
  }

  /** What {@link #toLine} wrote. */
  static StandStill parse(String line) {
    List<String> words = List.of(line.split("\t", -1));
    return switch (words.getFirst()) {
      case "agent" -> new Agent(words.get(1), words.get(2));
      case "suspend" -> new Suspend(words.get(1), words.get(2));
      case "nova" ->
          new NovaPause(
              URI.create(words.get(1)),
              new Secret(words.get(2)),
              words.get(3).isEmpty() ? null : Path.of(words.get(3)),
              Boolean.parseBoolean(words.get(4)));
      default -> throw new IllegalArgumentException("no way to freeze: " + words.getFirst());
    };
  }

  /** The guest behind it. */
  default Guest guest() {
    return switch (this) {
      case Agent(String uri, String domain) -> new AgentGuest(new Virsh(uri), domain);
      case Suspend(String uri, String domain) -> new SuspendedGuest(new Virsh(uri), domain);
      case NovaPause nova -> new NovaGuest(nova);
    };
  }
}
