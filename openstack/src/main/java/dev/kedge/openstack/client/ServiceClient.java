package dev.kedge.openstack.client;

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One service of a cloud: its URL and microversion are found when it is first asked. Thread-safe.
 * Every method throws {@link OpenStackException} where the service does not do what it is asked.
 */
public final class ServiceClient {
  private static final String JSON = "application/json";
  private static final String BINARY = "application/octet-stream";
  private static final int PARTIAL_CONTENT = 206;

  /** Where requests go, and which version they speak. */
  private record Endpoint(URI base, @Nullable Microversion microversion) {}

  private final CloudSession session;
  private final ServiceType service;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Endpoint endpoint;

  ServiceClient(CloudSession session, ServiceType service) {
    this.session = session;
    this.service = service;
  }

  /** Which service this is. */
  public ServiceType service() {
    return service;
  }

  /** The microversion that is spoken; empty for a service without. */
  public Optional<Microversion> microversion() {
    return Optional.ofNullable(endpoint().microversion());
  }

  /** Where an object is, for programs of others. */
  public URI url(String path) {
    return Uris.append(endpoint().base(), path);
  }

  /** Reads an object. */
  public ApiObject get(String path) {
    return get(path, Query.none());
  }

  /** Reads an object. */
  public ApiObject get(String path, Query query) {
    return object(request("GET", path, query));
  }

  /** Reads an object; empty where there is none. */
  public Optional<ApiObject> find(String path) {
    return find(path, Query.none());
  }

  /** Reads an object; empty where there is none. */
  public Optional<ApiObject> find(String path, Query query) {
    ApiRequest request = request("GET", path, query);
    ApiResponse response = session.send(request);
    return response.status() == 404
        ? Optional.empty()
        : Optional.of(ServiceAnswer.object(request, checked(request, response)));
  }

  /**
   * Reads a whole list, page by page.
   *
   * @param collection the field that holds it: {@code servers}
   */
  public List<ApiObject> list(String path, Query query, String collection) {
    return new Pages(page -> get(path, page), collection).all(query);
  }

  /** POST that makes something; never sent twice when nobody knows what became of it. */
  public ApiObject create(String path, JsonNode body) {
    return object(json("POST", path, body));
  }

  /** POST whose answer does not matter, and which does no harm when it comes twice. */
  public void act(String path, JsonNode body) {
    run(json("POST", path, body).withRepeatable(true));
  }

  /** POST whose answer does not matter, and which must not come twice. */
  public void actOnce(String path, JsonNode body) {
    run(json("POST", path, body));
  }

  /** POST that asks a question, as some APIs have it. */
  public ApiObject ask(String path, JsonNode body) {
    return object(json("POST", path, body).withRepeatable(true));
  }

  /** PUT of an object. */
  public ApiObject put(String path, JsonNode body) {
    return object(json("PUT", path, body));
  }

  /** PUT whose answer does not matter. */
  public void store(String path, JsonNode body) {
    run(json("PUT", path, body));
  }

  /** PATCH with a content type of its own. */
  public ApiObject patch(String path, String contentType, JsonNode body) {
    byte[] bytes = ApiJson.bytes(body);
    return object(
        request("PATCH", path, Query.none())
            .withBody(contentType, () -> BodyPublishers.ofByteArray(bytes)));
  }

  /** Deletes; false where there was nothing. */
  public boolean delete(String path) {
    return delete(path, Query.none());
  }

  /** Deletes; false where there was nothing. */
  public boolean delete(String path, Query query) {
    ApiRequest request = request("DELETE", path, query);
    ApiResponse response = session.send(request);
    if (response.status() == 404) {
      return false;
    }
    checked(request, response);
    return true;
  }

  /**
   * Uploads bytes, once.
   *
   * @param open makes the stream; it is closed by the HTTP client
   * @param lengthBytes how many come
   * @param timeout for all of it
   */
  public void upload(String path, Supplier<InputStream> open, long lengthBytes, Duration timeout) {
    // The token may not be refused after the bytes are gone: get a good one first.
    session.token();
    run(
        request("PUT", path, Query.none())
            .withBody(
                BINARY,
                () -> BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(open), lengthBytes))
            .withRepeatable(false)
            .withTimeout(timeout));
  }

  /** A few bytes: at most what an answer in JSON may have. */
  public byte[] bytes(String path) {
    ApiRequest request = binary(path);
    return checked(request, session.send(request)).body();
  }

  /** Bytes as a stream, which the caller closes. Nothing bounds the time between two of them. */
  public InputStream download(String path) {
    return stream(binary(path)).body();
  }

  /**
   * Bytes from an offset on, as {@link #download(String)}.
   *
   * @throws OpenStackException also where the service sends others than asked for
   */
  public InputStream download(String path, long offset) {
    if (offset == 0) {
      return download(path);
    }
    ApiRequest request = binary(path).withHeader("Range", "bytes=" + offset + "-");
    StreamedResponse response = stream(request);
    if (response.status() != PARTIAL_CONTENT) {
      throw HttpError.of(request, response.asError());
    }
    return response.body();
  }

  private StreamedResponse stream(ApiRequest request) {
    StreamedResponse response = session.stream(request);
    if (!response.isSuccess()) {
      throw HttpError.of(request, response.asError());
    }
    return response;
  }

  private ApiRequest binary(String path) {
    return request("GET", path, Query.none()).withHeader("Accept", BINARY);
  }

  private ApiRequest json(String method, String path, JsonNode body) {
    return request(method, path, Query.none()).withJson(ApiJson.bytes(body));
  }

  private ApiRequest request(String method, String path, Query query) {
    Endpoint where = endpoint();
    ApiRequest request =
        ApiRequest.withoutBody(
                service.project(),
                method,
                Uris.withQuery(Uris.append(where.base(), path), query),
                session.config().requestTimeout())
            .withHeader("Accept", JSON);
    Microversion microversion = where.microversion();
    return microversion == null
        ? request
        : request.withHeader(
            "OpenStack-API-Version",
            service.microversions().orElseThrow().headerName() + " " + microversion);
  }

  private ApiObject object(ApiRequest request) {
    return ServiceAnswer.object(request, checked(request, session.send(request)));
  }

  private void run(ApiRequest request) {
    checked(request, session.send(request));
  }

  private static ApiResponse checked(ApiRequest request, ApiResponse response) {
    if (!response.isSuccess()) {
      throw HttpError.of(request, response);
    }
    return response;
  }

  private Endpoint endpoint() {
    lock.lock();
    try {
      Endpoint known = endpoint;
      if (known == null) {
        known = locate();
        endpoint = known;
      }
      return known;
    } finally {
      lock.unlock();
    }
  }

  private Endpoint locate() {
    URI named = session.endpoint(service);
    URI versioned = session.discovery().versioned(service, named);
    URI base =
        EndpointPath.of(named).isEmpty() && service == ServiceType.BLOCK_STORAGE
            ? withProject(versioned)
            : versioned;
    return new Endpoint(
        base,
        service
            .microversions()
            .map(range -> session.discovery().microversion(service, range, base))
            .orElse(null));
  }

  /** Cinder before 3.67 wants the project in its URLs. */
  private URI withProject(URI versioned) {
    String project = session.token().projectId();
    return project == null ? versioned : Uris.append(versioned, ApiPath.of(project));
  }
}
