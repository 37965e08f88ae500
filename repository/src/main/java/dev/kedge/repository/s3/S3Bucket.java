package dev.kedge.repository.s3;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Requests for single objects below one prefix of a bucket, in the target's names, failures in
 * Kedge's terms. Thread-safe.
 */
final class S3Bucket {
  /** Metadata that tells one write from every other. */
  private static final String MARK = "kedge-write";

  private static final int PRECONDITION_FAILED = 412;
  private static final int CONFLICT = 409;
  private static final int NOT_FOUND = 404;

  private final S3Connection connection;
  private final S3Client client;
  private final S3Location location;
  private final S3Errors errors;
  private volatile boolean seen;

  S3Bucket(S3Connection connection, S3Location location) {
    this.connection = connection;
    this.client = connection.client();
    this.location = location;
    this.errors = new S3Errors(location, connection.endpoint());
  }

  /**
   * What is known of an object without reading it.
   *
   * @param lengthBytes its length
   * @param etag changes with every write of it
   * @param mark what its writer called the write, if it was Kedge
   */
  record Head(long lengthBytes, String etag, @Nullable String mark) {}

  S3Client client() {
    return client;
  }

  /** For copies inside the store. */
  S3Client copyingClient() {
    return connection.copying();
  }

  S3Location location() {
    return location;
  }

  S3Errors errors() {
    return errors;
  }

  /** Throws unless the bucket is there and may be read. */
  void confirm() {
    errors.call(
        "",
        () ->
            client.listObjectsV2(
                r -> r.bucket(location.bucket()).prefix(location.prefix()).maxKeys(1)));
    seen = true;
  }

  /** Empty where there is no such object in a bucket that is there. */
  Optional<Head> head(String name) {
    try {
      HeadObjectResponse head =
          client.headObject(r -> r.bucket(location.bucket()).key(location.key(name)));
      seen = true;
      return Optional.of(new Head(head.contentLength(), head.eTag(), head.metadata().get(MARK)));
    } catch (S3Exception e) {
      // An answer to HEAD has no body, thus no reason: another request has to find that out.
      if (e.statusCode() != NOT_FOUND || !seen) {
        confirm();
      }
      if (e.statusCode() == NOT_FOUND) {
        return Optional.empty();
      }
      throw errors.of(name, e);
    } catch (SdkException e) {
      throw errors.of(name, e);
    }
  }

  byte[] get(String name, int maxBytes) {
    GetObjectRequest request =
        GetObjectRequest.builder().bucket(location.bucket()).key(location.key(name)).build();
    byte[] bytes =
        errors.call(
            name,
            () -> client.getObject(request, (response, in) -> read(response, in, maxBytes + 1L)));
    if (bytes.length > maxBytes) {
      throw new KedgeException(
          ErrorCode.VERIFICATION_FAILED,
          "%s has more than the %d bytes that such an object can have"
              .formatted(errors.object(name), maxBytes));
    }
    return bytes;
  }

  private static byte[] read(GetObjectResponse response, InputStream in, long maxBytes) {
    int wanted = (int) Math.min(response.contentLength(), maxBytes);
    try {
      byte[] bytes = in.readNBytes(wanted);
      if (bytes.length < wanted) {
        throw new EOFException("the connection broke in the middle of the object");
      }
      return bytes;
    } catch (IOException e) {
      // By itself the SDK repeats only what fails before the data comes.
      throw RetryableException.create(String.valueOf(e.getMessage()), e);
    }
  }

  /** Starts reading a range of an object that must still be the one with this ETag. */
  ResponseInputStream<GetObjectResponse> getRange(
      String name, String etag, long position, long lengthBytes) {
    try {
      return client.getObject(r ->
          r.bucket(location.bucket())
              .key(location.key(name))
              .ifMatch(etag)
              .range("bytes=" + position + "-" + (position + lengthBytes - 1)));
    } catch (S3Exception e) {
      if (e.statusCode() == PRECONDITION_FAILED || e.statusCode() == NOT_FOUND) {
        throw errors.changed(name, e);
      }
      throw errors.of(name, e);
    } catch (SdkException e) {
      throw errors.of(name, e);
    }
  }

  /** Writes an object, whole or not at all; whatever had that name is gone. */
  void put(String name, RequestBody body) {
    errors.call(name, () -> client.putObject(put(name).build(), body));
  }

  /** How a conditional write ended. */
  enum PutOutcome {
    WRITTEN,
    /** Something has that name. */
    EXISTS,
    /** Another write of that name was under way. */
    CONFLICT
  }

  /**
   * Writes an object if nothing has that name.
   *
   * @param mark what tells this write from every other
   */
  PutOutcome putIfAbsent(String name, byte[] bytes, String mark) {
    PutObjectRequest request = put(name).ifNoneMatch("*").metadata(marked(mark)).build();
    try {
      client.putObject(request, RequestBody.fromBytes(bytes));
      return PutOutcome.WRITTEN;
    } catch (S3Exception e) {
      return switch (e.statusCode()) {
        case PRECONDITION_FAILED -> PutOutcome.EXISTS;
        case CONFLICT -> PutOutcome.CONFLICT;
        default -> throw errors.of(name, e);
      };
    } catch (SdkException e) {
      throw errors.of(name, e);
    }
  }

  private PutObjectRequest.Builder put(String name) {
    return PutObjectRequest.builder().bucket(location.bucket()).key(location.key(name));
  }

  /** The metadata by which {@link Head#mark} is found again. */
  static Map<String, String> marked(String mark) {
    return Map.of(MARK, mark);
  }

  void delete(String name) {
    errors.call(
        name, () -> client.deleteObject(r -> r.bucket(location.bucket()).key(location.key(name))));
  }
}
