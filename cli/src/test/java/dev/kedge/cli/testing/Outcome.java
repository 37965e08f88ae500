package dev.kedge.cli.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How a run of {@code kedge} ended.
 *
 * @param words its arguments
 * @param status the exit status; 128 and the signal's number where one ended it
 * @param out what it wrote to standard output
 * @param err what it wrote to standard error
 */
public record Outcome(List<String> words, int status, String out, String err) {
  private static final JsonMapper MAPPER = new JsonMapper();

  /** Checks the exit status. */
  public Outcome exits(int expected) {
    assertThat(status).as("exit status of %s", this).isEqualTo(expected);
    return this;
  }

  /** Checks for a failure of one line that says all of this, and for nothing on standard output. */
  public Outcome fails(int expected, String... said) {
    exits(expected);
    assertThat(out).as("standard output of %s", this).isEmpty();
    assertThat(err).as("%s", this).startsWith("kedge: ").contains(said);
    assertThat(err.lines().filter(line -> line.startsWith("\tat ")))
        .as("a stack trace in %s", this)
        .isEmpty();
    return this;
  }

  /** Standard output, which must be one JSON document. */
  public JsonNode json() {
    try {
      return MAPPER.readTree(out);
    } catch (RuntimeException e) {
      throw new AssertionError("no JSON from " + this, e);
    }
  }

  /** The text of a field. */
  public String text(String field) {
    JsonNode value = json().get(field);
    assertThat(value).as("field %s of %s", field, this).isNotNull();
    return value.asString();
  }

  /** The number in a field. */
  public long number(String field) {
    JsonNode value = json().get(field);
    assertThat(value).as("field %s of %s", field, this).isNotNull();
    assertThat(value.isNumber()).as("field %s of %s is a number", field, this).isTrue();
    return value.asLong();
  }

  @Override
  public String toString() {
    return "'kedge %s' (status %d)%n--- out:%n%s%n--- err:%n%s"
        .formatted(String.join(" ", words), status, shortened(out), err);
  }

  private static String shortened(String text) {
    return text.length() < 4000 ? text : text.substring(0, 4000) + "...";
  }
}
