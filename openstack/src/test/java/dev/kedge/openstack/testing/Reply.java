package dev.kedge.openstack.testing;

import java.util.HashMap;
import java.util.Map;

/**
 * What the fake cloud answers.
 *
 * @param status 0: it breaks the connection off without an answer
 */
public record Reply(int status, Map<String, String> headers, String body) {
  /** An answer in JSON. */
  public static Reply json(int status, String body) {
    return new Reply(status, Map.of("Content-Type", "application/json"), body);
  }

  /** 200 with JSON. */
  public static Reply ok(String body) {
    return json(200, body);
  }

  /** A broken connection. */
  public static Reply drop() {
    return new Reply(0, Map.of(), "");
  }

  /** The same with another header. */
  public Reply with(String name, String value) {
    Map<String, String> all = new HashMap<>(headers);
    all.put(name, value);
    return new Reply(status, all, body);
  }
}
