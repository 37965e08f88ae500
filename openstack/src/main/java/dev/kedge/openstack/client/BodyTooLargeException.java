package dev.kedge.openstack.client;

import java.io.IOException;

/** An answer that is longer than any sensible one. */
final class BodyTooLargeException extends IOException {
  private static final long serialVersionUID = 1L;

  BodyTooLargeException(int limitBytes) {
    super("the answer is longer than " + limitBytes + " bytes");
  }
}
