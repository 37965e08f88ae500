package dev.kedge.cli.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.engine.Progress;
import dev.kedge.engine.restore.Restore;
import dev.kedge.engine.restore.RestoreDestination;
import dev.kedge.engine.verify.PointReport;
import dev.kedge.engine.verify.Verify;
import dev.kedge.repository.FoundPoint;
import dev.kedge.repository.Repository;
import java.io.ByteArrayOutputStream;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;

/** Verifies and restores without a process for each, as often as a test likes. */
public final class InProcess {
  private static final int WORKERS = 2;

  private final Protected volume;

  /** For the restore points of this image, which must be the only one of its target. */
  public InProcess(Protected volume) {
    this.volume = volume;
  }

  private Repository repository() {
    return Repository.open(volume.target().open());
  }

  private List<PointReport> verify() {
    return new Verify(WORKERS, null, Progress.NONE, new CancelToken()).all(repository());
  }

  /** Checks that all restore points are there and sound. */
  public void findsNothing() {
    assertThat(verify()).hasSameSizeAs(volume.points()).allMatch(PointReport::isSound);
  }

  /** Checks that a verification finds something, and that what it says names this. */
  public void findsDamage(String named) {
    List<String> said = new ArrayList<>();
    try {
      for (PointReport report : verify()) {
        if (!report.isSound()) {
          said.add(report.toString());
        }
      }
    } catch (KedgeException e) {
      assertThat(e.code()).as("%s", e).isEqualTo(ErrorCode.VERIFICATION_FAILED);
      said.add(e.getMessage());
    }
    assertThat(said).as("what the verification found").isNotEmpty();
    assertThat(String.join("\n", said)).contains(named);
  }

  /** Checks that each restore point's restore gives its content, or fails as it should. */
  public void restoresRightOrNot() {
    for (String point : volume.points()) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      try {
        FoundPoint found = repository().findPoint(point);
        new Restore(found.image(), found.manifest().id(), WORKERS, Progress.NONE, new CancelToken())
            .run(
                new RestoreDestination.Stream(),
                false,
                () -> {
                  throw new AssertionError("a stream needs no Ceph");
                },
                Channels.newChannel(out));
      } catch (KedgeException e) {
        assertThat(e.code())
            .as("restore of %s: %s", point, e)
            .isIn(ErrorCode.VERIFICATION_FAILED, ErrorCode.NOT_FOUND);
        continue;
      }
      assertThat(Hashes.sha256(out.toByteArray()))
          .as("restore of " + point)
          .isEqualTo(volume.sha256(point));
    }
  }
}
