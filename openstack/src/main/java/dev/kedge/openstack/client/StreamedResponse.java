package dev.kedge.openstack.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpHeaders;

/** An answer whose body is still to be read. */
record StreamedResponse(int status, HttpHeaders headers, InputStream body, String requestId) {
  private static final int MAX_ERROR_BYTES = 64 << 10;

  boolean isSuccess() {
    return status >= 200 && status < 300;
  }

  /** Reads the body of an error and closes it. */
  ApiResponse asError() {
    try (body) {
      return new ApiResponse(status, headers, body.readNBytes(MAX_ERROR_BYTES), requestId);
    } catch (IOException e) {
      return new ApiResponse(status, headers, new byte[0], requestId);
    }
  }
}
