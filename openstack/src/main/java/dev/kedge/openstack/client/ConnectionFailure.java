package dev.kedge.openstack.client;

import dev.kedge.base.ErrorCode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import javax.net.ssl.SSLException;

/** A request without an answer, in words. */
final class ConnectionFailure {
  private ConnectionFailure() {}

  static OpenStackException of(IOException failure, ApiRequest request, int attempts) {
    boolean notSent =
        failure instanceof ConnectException
            || failure instanceof HttpConnectTimeoutException
            || failure instanceof SSLException;
    boolean unknown = !notSent && !request.method().equals("GET");
    String message =
        "%s does not answer: %s: %s%s (request %s): %s"
            .formatted(
                request.service(),
                request,
                why(failure),
                attempts == 1 ? "" : ", " + attempts + " attempts",
                request.id(),
                wayOut(failure, unknown));
    return new OpenStackException(
        ErrorCode.SOURCE_UNREACHABLE, message, OpenStackException.NO_ANSWER, unknown, failure);
  }

  private static String why(IOException failure) {
    if (failure instanceof HttpConnectTimeoutException) {
      return "no connection in time";
    }
    if (failure instanceof ConnectException) {
      return failure.getCause() instanceof UnresolvedAddressException
          ? "unknown host"
          : "connection refused";
    }
    String message = failure.getMessage();
    return message == null ? "the connection broke" : message.lines().findFirst().orElse("");
  }

  private static String wayOut(IOException failure, boolean unknown) {
    if (failure instanceof SSLException) {
      return "name the cloud's CA certificates in cacert (OS_CACERT)";
    }
    return unknown
        ? "look whether it was done before you try again"
        : "check the URL and the network; region_name and interface choose other URLs";
  }
}
