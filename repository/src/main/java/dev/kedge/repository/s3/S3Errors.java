package dev.kedge.repository.s3;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Says in Kedge's terms what a failed request means. Codes are those of the S3 API Reference,
 * "Error Responses", and what RGW (rgw_common.cc) and other stores add. Thread-safe.
 *
 * <p>A missing bucket is TARGET_UNREACHABLE, like a directory that is not mounted: NOT_FOUND would
 * say that an object is missing from a repository that is there.
 */
final class S3Errors {
  private static final Set<String> WRONG_KEY =
      Set.of(
          "InvalidAccessKeyId",
          "SignatureDoesNotMatch",
          "InvalidToken",
          "ExpiredToken",
          "TokenRefreshRequired",
          "InvalidClientTokenId",
          "UnrecognizedClientException");
  private static final Set<String> FORBIDDEN =
      Set.of("AccessDenied", "AllAccessDisabled", "AccountProblem", "UserSuspended", "Forbidden");
  private static final Set<String> FULL =
      Set.of(
          "QuotaExceeded",
          "InsufficientStorage",
          "InsufficientCapacity",
          "XMinioStorageFull",
          "XMinioAdminBucketQuotaExceeded",
          "ServiceQuotaExceededException");
  private static final Set<String> WRONG_CLOCK =
      Set.of("RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture");
  private static final Set<String> WRONG_REGION =
      Set.of(
          "PermanentRedirect",
          "TemporaryRedirect",
          "AuthorizationHeaderMalformed",
          "IllegalLocationConstraintException",
          "Redirect");

  private final S3Location location;
  private final String endpoint;

  S3Errors(S3Location location, String endpoint) {
    this.location = location;
    this.endpoint = endpoint;
  }

  /** Makes a request; its failure is one of an object, or of the whole place for an empty name. */
  <T> T call(String name, Supplier<T> request) {
    try {
      return request.get();
    } catch (SdkException e) {
      throw of(name, e);
    }
  }

  KedgeException of(String name, SdkException e) {
    if (e instanceof AbortedException || Thread.currentThread().isInterrupted()) {
      Thread.currentThread().interrupt();
      return new KedgeException(ErrorCode.INTERRUPTED, "Stopped while using " + location, e);
    }
    return e instanceof AwsServiceException answer ? answered(name, answer) : unanswered(name, e);
  }

  private KedgeException answered(String name, AwsServiceException e) {
    String code = code(e);
    if (code.equals("NoSuchBucket")) {
      return failure(
          ErrorCode.TARGET_UNREACHABLE,
          "There is no bucket %s at %s: check name and endpoint, or make it, as in 'aws s3 mb s3://%s'"
              .formatted(location.bucket(), endpoint, location.bucket()),
          e);
    }
    if (code.equals("NoSuchKey")) {
      return notFound(name, e);
    }
    if (WRONG_KEY.contains(code)) {
      return failure(
          ErrorCode.AUTHENTICATION_FAILED,
          "%s refuses the access key for %s (%s): check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile"
              .formatted(endpoint, location, code),
          e);
    }
    if (FULL.contains(code) || e.statusCode() == 507) {
      return failure(
          ErrorCode.TARGET_FULL,
          "The backup target %s at %s is full (%s): raise its quota or delete restore points"
              .formatted(location, endpoint, code),
          e);
    }
    if (WRONG_CLOCK.contains(code)) {
      return failure(
          ErrorCode.TARGET_UNREACHABLE,
          "%s refuses requests for %s because this machine's clock and its own differ too much (%s): set the clocks"
              .formatted(endpoint, location, code),
          e);
    }
    if (WRONG_REGION.contains(code) || e.statusCode() == 301 || e.statusCode() == 307) {
      return failure(
          ErrorCode.TARGET_UNREACHABLE,
          "%s sends requests for bucket %s elsewhere (%s): check --s3-region, --s3-endpoint and --s3-path-style"
              .formatted(endpoint, location.bucket(), code),
          e);
    }
    if (FORBIDDEN.contains(code) || e.statusCode() == 401 || e.statusCode() == 403) {
      return failure(
          ErrorCode.PERMISSION_DENIED,
          "%s does not let this user work with %s (%s): see docs/targets.md for the rights that Kedge needs"
              .formatted(endpoint, object(name), code),
          e);
    }
    return failure(
        ErrorCode.TARGET_UNREACHABLE,
        "%s at %s failed: %s".formatted(object(name), endpoint, said(e, code)),
        e);
  }

  private static String code(AwsServiceException e) {
    String code = e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorCode();
    return code == null || code.isBlank() ? "status " + e.statusCode() : code;
  }

  private static String said(AwsServiceException e, String code) {
    String message = e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorMessage();
    String status = code.startsWith("status ") ? code : "status " + e.statusCode() + " " + code;
    return message == null || message.isBlank() ? status : status + ", " + firstLine(message);
  }

  private KedgeException unanswered(String name, SdkException e) {
    return failure(
        ErrorCode.TARGET_UNREACHABLE,
        "%s does not answer for %s: %s".formatted(endpoint, object(name), why(e)),
        e);
  }

  private static String why(SdkException e) {
    if (e instanceof ApiCallTimeoutException || e instanceof ApiCallAttemptTimeoutException) {
      return "it took too long; check the network and the store";
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      String why = why(cause);
      if (why != null) {
        return why;
      }
    }
    return firstLine(String.valueOf(e.getMessage()));
  }

  private static @Nullable String why(Throwable cause) {
    return switch (cause) {
      case UnknownHostException _ -> "its host is unknown; check the endpoint and the name service";
      case ConnectException refused ->
          firstLine(String.valueOf(refused.getMessage())) + "; check the endpoint and the network";
      case SocketTimeoutException _ -> "no answer in time; check the endpoint and the network";
      case SSLException tls ->
          "TLS failed ("
              + firstLine(String.valueOf(tls.getMessage()))
              + "); name its certificate authority by --s3-ca or AWS_CA_BUNDLE";
      case IOException io -> firstLine(String.valueOf(io.getMessage()));
      default -> null;
    };
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("").strip();
  }

  KedgeException notFound(String name, @Nullable Exception cause) {
    return failure(ErrorCode.NOT_FOUND, "There is no " + object(name), cause);
  }

  /** What was opened for reading has gone, or another object has its name now. */
  KedgeException changed(String name, @Nullable Exception cause) {
    return failure(
        ErrorCode.VERIFICATION_FAILED,
        object(name) + " was removed or replaced while it was read",
        cause);
  }

  /** Data stopped coming, whatever was tried. */
  KedgeException broken(String name, IOException cause) {
    return unanswered(name, SdkException.create(String.valueOf(cause.getMessage()), cause));
  }

  KedgeException failure(ErrorCode code, String message, @Nullable Throwable cause) {
    return new KedgeException(code, message, cause);
  }

  /** As people find it. */
  String object(String name) {
    return name.isEmpty()
        ? location.toString()
        : S3Location.SCHEME + location.bucket() + "/" + location.key(name);
  }

  String endpoint() {
    return endpoint;
  }
}
