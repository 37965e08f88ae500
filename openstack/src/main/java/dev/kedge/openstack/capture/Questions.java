package dev.kedge.openstack.capture;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Asks what an operator may ask and a tenant may not, and notes what got no answer. One thread. */
final class Questions {
  private final List<String> notes = new ArrayList<>();

  /** The answer; empty, with a note, where the user may not ask or there is nothing any more. */
  <T> Optional<T> ask(String what, Supplier<Optional<T>> question) {
    try {
      Optional<T> answer = question.get();
      if (answer.isEmpty()) {
        notes.add(what + " does not exist any more, or not for this user: not kept");
      }
      return answer;
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.PERMISSION_DENIED || e.code() == ErrorCode.NOT_FOUND) {
        notes.add(what + " is not for this user to see: not kept");
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The same without a note: for what only operators ever see. */
  <T> Optional<T> askQuietly(Supplier<Optional<T>> question) {
    try {
      return question.get();
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.PERMISSION_DENIED || e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  List<String> notes() {
    return List.copyOf(notes);
  }
}
