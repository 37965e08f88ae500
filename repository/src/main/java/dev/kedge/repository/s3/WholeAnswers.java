package dev.kedge.repository.s3;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.s3.model.CompleteMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectRequest;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.UploadPartCopyRequest;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;

/**
 * Makes the SDK ask again where a connection broke within an answer. By itself it takes headers
 * that end early for all there are, then an ETag for missing and a list for empty, and repeats
 * nothing whose answer it has begun to read. Thread-safe.
 */
final class WholeAnswers implements ExecutionInterceptor {
  private static final String ETAG = "ETag";
  private static final String LENGTH = "Content-Length";

  @Override
  public Optional<InputStream> modifyHttpResponseContent(
      Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
    boolean done = context.httpResponse().isSuccessful();
    if (done) {
      requireHeaders(context);
      if (context.request() instanceof GetObjectRequest) {
        return context.responseBody();
      }
    }
    Optional<InputStream> body = context.responseBody().map(WholeAnswers::whole);
    if (done && hasDocument(context.request()) && body.filter(WholeAnswers::hasData).isEmpty()) {
      throw broken(new EOFException("an answer without the document that belongs to it"));
    }
    return body;
  }

  private static void requireHeaders(Context.ModifyHttpResponse context) {
    List<String> required =
        switch (context.request()) {
          case UploadPartRequest _ -> List.of(ETAG);
          case HeadObjectRequest _ -> List.of(ETAG, LENGTH);
          case GetObjectRequest _ -> List.of(LENGTH);
          default -> List.of();
        };
    for (String name : required) {
      String value = context.httpResponse().firstMatchingHeader(name).orElse("");
      // The quotes of an ETag are a part of it, and show where it ends.
      if (value.isEmpty() || (value.startsWith("\"") && !value.matches("\"[^\"]+\""))) {
        throw broken(new EOFException("an answer without the header " + name));
      }
    }
  }

  private static boolean hasDocument(SdkRequest request) {
    return request instanceof CreateMultipartUploadRequest
        || request instanceof CompleteMultipartUploadRequest
        || request instanceof UploadPartCopyRequest
        || request instanceof ListObjectsV2Request
        || request instanceof ListMultipartUploadsRequest;
  }

  /** The lists of S3 end after a thousand entries, so that a whole one is half a megabyte. */
  private static InputStream whole(InputStream body) {
    try (body) {
      return new ByteArrayInputStream(body.readAllBytes());
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private static boolean hasData(InputStream body) {
    try {
      return body.available() > 0;
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private static RetryableException broken(IOException cause) {
    return RetryableException.create(
        "the connection broke within an answer: " + cause.getMessage(), cause);
  }
}
