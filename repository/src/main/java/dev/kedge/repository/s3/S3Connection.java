package dev.kedge.repository.s3;

import dev.kedge.base.CaFile;
import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** The clients for one store, and what to call that store in messages. Thread-safe. */
final class S3Connection {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** More than all threads that send and read. */
  private static final int CONNECTIONS = 32;

  /** How long an answer may pause. */
  private static final Duration SILENCE = Duration.ofSeconds(60);

  /** The store says nothing while it copies. */
  private static final Duration SILENCE_OF_COPIES = Duration.ofMinutes(30);

  /** For a request and its answer; those with much data say their own. */
  private static final Duration ATTEMPT_TIMEOUT = Duration.ofSeconds(20);

  /** For all attempts of one request: a lease holds as long. */
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(60);

  /** With the pauses between them 10 to 20 s where a store refuses at once. */
  private static final int ATTEMPTS = 8;

  private static final Duration FIRST_BACKOFF = Duration.ofMillis(200);
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(10);

  /** A store that has regions of its own, or none, accepts what the AWS tools send by default. */
  private static final String REGION_BESIDE_AWS = "us-east-1";

  private final AwsSettings settings;
  private final Optional<URI> endpoint;
  private final AwsCredentialsProvider credentials;
  private final Region region;
  private final S3Client client;
  private @Nullable S3Client copying;

  private S3Connection(S3Location location, AwsSettings settings) {
    this.settings = settings;
    // First: where there are no keys, it takes a while until that is known.
    this.endpoint = settings.endpoint();
    this.credentials = credentials(location);
    this.region = region(settings);
    this.client = client(SILENCE);
  }

  static S3Connection open(S3Location location, S3Options options) {
    try {
      return new S3Connection(location, new AwsSettings(options));
    } catch (SdkException | IllegalArgumentException | IllegalStateException e) {
      throw new KedgeException(
          ErrorCode.USAGE, "The AWS settings cannot be used: " + e.getMessage(), e);
    }
  }

  /** For all requests but copies inside the store. */
  S3Client client() {
    return client;
  }

  /** For copies inside the store, which can take long. */
  synchronized S3Client copying() {
    if (copying == null) {
      copying = client(SILENCE_OF_COPIES);
    }
    return copying;
  }

  /** The store's URL. */
  String endpoint() {
    return endpoint.map(URI::toString).orElse("AWS S3 in " + region.id());
  }

  private S3Client client(Duration silence) {
    S3ClientBuilder builder =
        S3Client.builder()
            // Chunks of their own would be signed twice over, and RGW refuses empty ones.
            .serviceConfiguration(s -> s.chunkedEncodingEnabled(false))
            .httpClientBuilder(http(settings).socketTimeout(silence))
            .credentialsProvider(credentials)
            .region(region)
            .forcePathStyle(settings.pathStyle())
            // The additional checksums of newer SDKs are unknown to many stores.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .overrideConfiguration(o ->
                o.addExecutionInterceptor(new WholeAnswers())
                    .retryStrategy(retries())
                    .apiCallAttemptTimeout(ATTEMPT_TIMEOUT)
                    .apiCallTimeout(CALL_TIMEOUT));
    endpoint.ifPresent(builder::endpointOverride);
    return builder.build();
  }

  private static Apache5HttpClient.Builder http(AwsSettings settings) {
    Apache5HttpClient.Builder http =
        Apache5HttpClient.builder()
            .connectionTimeout(CONNECT_TIMEOUT)
            .connectionAcquisitionTimeout(CALL_TIMEOUT)
            .maxConnections(CONNECTIONS);
    settings
        .caFile()
        .ifPresent(file -> {
          TrustManager[] trust = trustManagers(file);
          http.tlsTrustManagersProvider(() -> trust);
        });
    return http;
  }

  private static TrustManager[] trustManagers(Path caFile) {
    try {
      return CaFile.trustManagers(caFile);
    } catch (GeneralSecurityException e) {
      throw new KedgeException(ErrorCode.FAILED, "TLS is not available in this JVM", e);
    }
  }

  private static Region region(AwsSettings settings) {
    return settings
        .region()
        .or(() -> settings.endpoint().map(_ -> REGION_BESIDE_AWS))
        .map(Region::of)
        .orElseGet(() -> DefaultAwsRegionProviderChain.builder().build().getRegion());
  }

  private static AwsCredentialsProvider credentials(S3Location location) {
    AwsCredentialsProvider provider = DefaultCredentialsProvider.builder().build();
    try {
      provider.resolveCredentials();
    } catch (SdkException e) {
      throw new KedgeException(
          ErrorCode.AUTHENTICATION_FAILED,
          "There are no credentials for "
              + location
              + ": set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE to a profile of ~/.aws/credentials",
          e);
    }
    return provider;
  }

  /** Without the SDK's circuit breaker, which would end a long backup at a short disturbance. */
  private static RetryStrategy retries() {
    return AwsRetryStrategy.standardRetryStrategy().toBuilder()
        .maxAttempts(ATTEMPTS)
        .backoffStrategy(backoff())
        .throttlingBackoffStrategy(backoff())
        .circuitBreakerEnabled(false)
        .build();
  }

  static BackoffStrategy backoff() {
    return BackoffStrategy.exponentialDelay(FIRST_BACKOFF, LONGEST_BACKOFF);
  }
}
