package dev.kedge.cli;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The environment that a command reads; a process that runs several of them gives each its own. */
final class Variables {
  private static final ScopedValue<Map<String, String>> OTHERS = ScopedValue.newInstance();

  private Variables() {}

  /** All of them. */
  static Map<String, String> all() {
    return OTHERS.isBound() ? OTHERS.get() : System.getenv();
  }

  /** One that is set and not empty. */
  static Optional<String> find(String name) {
    return Optional.ofNullable(all().get(name)).filter(value -> !value.isEmpty());
  }

  /** Does something for which these are all variables, on this thread. */
  static <T> T with(Map<String, String> variables, Supplier<T> action) {
    return ScopedValue.where(OTHERS, variables).call(action::get);
  }
}
