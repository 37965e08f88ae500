package dev.kedge.openstack.freeze;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.client.TlsTrust;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A guest whose processors Nova stops. It speaks HTTP by itself: the helper has a token, not the
 * way to a new one, and should be small.
 */
final class NovaGuest implements Guest {
  private static final Duration POLL = Duration.ofMillis(150);
  private static final Pattern VM_STATE = Pattern.compile("\"OS-EXT-STS:vm_state\": *\"(\\w+)\"");
  private static final Pattern TASK = Pattern.compile("\"OS-EXT-STS:task_state\": *\"(\\w+)\"");
  private static final int CONFLICT = 409;
  private static final int GONE = 404;

  private final StandStill.NovaPause how;
  private final HttpClient http;

  NovaGuest(StandStill.NovaPause how) {
    this.how = how;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .sslContext(TlsTrust.context(how.caFile(), how.verify()))
            .build();
  }

  /** Nova's two words on a server; a task that is under way comes to its end by itself. */
  private record State(String vmState, boolean busy) {}

  @Override
  public void freeze(Duration timeout) {
    act("pause", timeout);
    await("paused", timeout);
  }

  @Override
  public void thaw(Duration timeout) {
    State state = settled(timeout);
    if (state.vmState().equals("paused")) {
      act("unpause", timeout);
      await("active", timeout);
    }
  }

  private void await(String wanted, Duration timeout) {
    State state = settled(timeout);
    if (!state.vmState().equals(wanted)) {
      throw new KedgeException(
          ErrorCode.FAILED, "Nova says that the server is " + state.vmState() + ", not " + wanted);
    }
  }

  private State settled(Duration timeout) {
    long endNanos = System.nanoTime() + timeout.toNanos();
    while (true) {
      State state = look(timeout);
      if (!state.busy()) {
        return state;
      }
      if (System.nanoTime() - endNanos > 0) {
        throw new KedgeException(
            ErrorCode.FAILED, "Nova took longer than " + timeout.toMillis() + " ms");
      }
      sleep();
    }
  }

  private State look(Duration timeout) {
    HttpResponse<String> answer = send(request(how.server(), timeout).GET().build());
    if (answer.statusCode() == GONE) {
      return new State("deleted", false);
    }
    Matcher vmState = VM_STATE.matcher(answer.body());
    if (answer.statusCode() / 100 != 2 || !vmState.find()) {
      throw new KedgeException(
          ErrorCode.FAILED, "Nova answered " + answer.statusCode() + " when asked for the server");
    }
    return new State(vmState.group(1), TASK.matcher(answer.body()).find());
  }

  private void act(String action, Duration timeout) {
    HttpResponse<String> answer =
        send(
            request(URI.create(how.server() + "/action"), timeout)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"" + action + "\": null}"))
                .build());
    // In conflict is what is so already, or comes to be; what counts is how it settles.
    if (answer.statusCode() / 100 != 2 && answer.statusCode() != CONFLICT) {
      throw new KedgeException(
          answer.statusCode() == 403 ? ErrorCode.PERMISSION_DENIED : ErrorCode.FAILED,
          "Nova answered %d to %s".formatted(answer.statusCode(), action));
    }
  }

  private HttpRequest.Builder request(URI uri, Duration timeout) {
    return HttpRequest.newBuilder(uri)
        .timeout(timeout)
        .header("Accept", "application/json")
        .header("X-Auth-Token", how.token().reveal());
  }

  private HttpResponse<String> send(HttpRequest request) {
    try {
      return http.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new KedgeException(
          ErrorCode.SOURCE_UNREACHABLE, "Nova does not answer: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static void sleep() {
    try {
      Thread.sleep(POLL);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static KedgeException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new KedgeException(ErrorCode.INTERRUPTED, "stopped while Nova was asked", e);
  }
}
