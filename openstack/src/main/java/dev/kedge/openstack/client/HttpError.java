package dev.kedge.openstack.client;

import dev.kedge.base.ErrorCode;
import java.util.Locale;

/** An answer that is an error, as an exception with a way out. */
final class HttpError {
  private HttpError() {}

  static OpenStackException of(ApiRequest request, ApiResponse response) {
    String said = ErrorMessage.of(response);
    Kind kind = Kind.of(response.status(), said);
    String message =
        "%s answered %d to %s%s (request %s): %s"
            .formatted(
                request.service(),
                response.status(),
                request,
                said.isEmpty() ? "" : ": " + said,
                response.requestId(),
                kind.wayOut);
    boolean unknown =
        (response.status() == 502 || response.status() == 504) && !request.method().equals("GET");
    return new OpenStackException(kind.code, message, response.status(), unknown, null);
  }

  private enum Kind {
    AUTHENTICATION(
        ErrorCode.AUTHENTICATION_FAILED, "check user, password and project, or get a new token"),
    PERMISSION(ErrorCode.PERMISSION_DENIED, "use an account whose role may do this"),
    QUOTA(ErrorCode.REFUSED, "free something in the project, or have its quota raised"),
    NOT_FOUND(ErrorCode.NOT_FOUND, "it does not exist, or not in this project"),
    CONFLICT(ErrorCode.BUSY, "its state does not allow this now; try again when it has changed"),
    TOO_MANY(ErrorCode.SOURCE_UNREACHABLE, "the service limits its callers; try again later"),
    BAD_REQUEST(ErrorCode.FAILED, "the service refuses the request as it is"),
    UNAVAILABLE(ErrorCode.SOURCE_UNREACHABLE, "the service is not available; try again later"),
    BROKEN(ErrorCode.FAILED, "the service failed; its log has the request's id");

    private final ErrorCode code;
    private final String wayOut;

    Kind(ErrorCode code, String wayOut) {
      this.code = code;
      this.wayOut = wayOut;
    }

    /** Quota has no status of its own: Nova says 403, Neutron 409, Cinder 413. */
    static Kind of(int status, String said) {
      boolean quota = said.toLowerCase(Locale.ROOT).contains("quota");
      return switch (status) {
        case 401 -> AUTHENTICATION;
        case 403 -> quota ? QUOTA : PERMISSION;
        case 404, 410 -> NOT_FOUND;
        case 409 -> quota ? QUOTA : CONFLICT;
        case 413 -> quota ? QUOTA : BAD_REQUEST;
        case 429 -> TOO_MANY;
        case 502, 503, 504 -> UNAVAILABLE;
        default -> status < 500 ? BAD_REQUEST : BROKEN;
      };
    }
  }
}
