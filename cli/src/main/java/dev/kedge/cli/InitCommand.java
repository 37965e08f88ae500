package dev.kedge.cli;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.Repository;
import dev.kedge.repository.RepositoryInfo;
import dev.kedge.repository.crypt.KeySlots;
import dev.kedge.repository.crypt.Passphrase;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** {@code kedge init}. */
@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Make a repository, which can be an encrypted one.",
    description = {
      "",
      "A plain repository also comes into being with the first backup. Whether one is",
      "encrypted is chosen here, once. Without its passphrase, or without kedge.json,",
      "nobody can read an encrypted one: keep both, and a second passphrase",
      "('kedge key add'). Where there is such a repository already, nothing changes.",
      ""
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  kedge init --target /mnt/backup --encrypt",
      "  kedge init --target /mnt/backup --encrypt --passphrase-file /etc/kedge/passphrase",
      "  kedge init --target /mnt/backup"
    })
final class InitCommand implements Callable<Integer> {
  private final Session session;

  @Mixin private TargetFlag target = new TargetFlag();

  @Option(names = "--encrypt", description = "encrypt data and metadata")
  private boolean encrypt;

  @Option(
      names = "--label",
      paramLabel = "TEXT",
      description = "what to call the slot of the passphrase")
  private @Nullable String label;

  @Mixin private OutputFlag output = new OutputFlag();

  InitCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if (!encrypt && (target.passphrase().isOption() || label != null)) {
      throw new KedgeException(
          ErrorCode.USAGE, "--passphrase-file and --label are for --encrypt, which is not given");
    }
    BackupTarget place = target.place();
    if (encrypt && !TargetFlag.hasRepository(place)) {
      // Asked for now, so that who has none leaves nothing behind.
      target.passphrase().readNew(place.location());
    }
    Repository.Creation made =
        Repository.create(place, encrypt ? encryption(place) : UnaryOperator.identity());
    if (!made.created()) {
      requireAsked(made.info(), place);
    }
    print(made, place);
    return 0;
  }

  private UnaryOperator<RepositoryInfo> encryption(BackupTarget place) {
    String slot = NewPassphraseFlag.checkLabel(label == null ? "" : label);
    return info -> {
      Passphrase passphrase = target.passphrase().readNew(place.location());
      return info.withEncryption(KeySlots.first(info.id(), passphrase, slot, info.createdAt()));
    };
  }

  /** Who repeats a command gets what it gave before, and nothing else. */
  private void requireAsked(RepositoryInfo info, BackupTarget place) {
    if (encrypt != (info.encryption() != null)) {
      throw new KedgeException(
          ErrorCode.REFUSED,
          "There is a repository in %s that is %sencrypted, which cannot be changed: choose an empty place"
              .formatted(place.location(), encrypt ? "not " : ""));
    }
    if (encrypt) {
      KeySlots.open(info, target.passphrase().read(place.location()), place.location());
    }
  }

  private void print(Repository.Creation made, BackupTarget place) {
    RepositoryInfo info = made.info();
    if (output.isJson()) {
      ObjectNode node = Json.object();
      node.put("repository", info.id().toString());
      node.put("location", place.location());
      node.put("encrypted", encrypt);
      node.put("created", made.created());
      node.put("createdAt", info.createdAt().toString());
      session.out().println(Json.text(node));
      return;
    }
    session
        .out()
        .printf(
            "%s %s repository %s in %s%n",
            made.created() ? "made" : "there is already",
            encrypt ? "encrypted" : "plain",
            info.id(),
            place.location());
    if (encrypt && made.created()) {
      session
          .out()
          .println(
              "  keep the passphrase and a copy of kedge.json elsewhere: nothing opens it without");
    }
  }
}
