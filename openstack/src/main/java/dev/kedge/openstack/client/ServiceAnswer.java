package dev.kedge.openstack.client;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;

/** Answers to objects. */
final class ServiceAnswer {
  private ServiceAnswer() {}

  /** The object that the body is; throws FAILED where it is something else. */
  static ApiObject object(ApiRequest request, ApiResponse response) {
    String origin =
        "%s's answer to %s (request %s)"
            .formatted(request.service(), request, response.requestId());
    return new ApiObject(
        ApiJson.parse(response.body())
            .orElseThrow(() ->
                new KedgeException(
                    ErrorCode.FAILED, origin + " is no JSON object: is there a proxy in between?")),
        origin);
  }
}
