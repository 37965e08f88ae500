package dev.kedge.openstack.client;

import java.net.http.HttpHeaders;

/** An answer, whatever its status. */
final class ApiResponse {
  private final int status;
  private final HttpHeaders headers;
  private final byte[] body;
  private final String requestId;

  /** With the service's id of the request, else the one that was sent. */
  ApiResponse(int status, HttpHeaders headers, byte[] body, String requestId) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.requestId = requestId;
  }

  int status() {
    return status;
  }

  boolean isSuccess() {
    return status >= 200 && status < 300;
  }

  /** A header's first value; empty where there is none. */
  String header(String name) {
    return headers.firstValue(name).orElse("");
  }

  byte[] body() {
    return body;
  }

  String requestId() {
    return requestId;
  }
}
