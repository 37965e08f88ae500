package dev.kedge.openstack.client;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.cloud.CloudConfig;
import java.net.URI;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A service's URL: the configuration's, else the catalogue's. Immutable. */
final class EndpointFinder {
  private final CloudConfig config;

  EndpointFinder(CloudConfig config) {
    this.config = config;
  }

  /**
   * The endpoint as it is named, with or without a version.
   *
   * @throws KedgeException NOT_FOUND where there is none, USAGE where regions leave a choice
   */
  URI find(ServiceType service, Token token) {
    return override(service)
        .or(() -> inCatalog(service, token.catalog()))
        .orElseThrow(() -> missing(service, token.catalog()));
  }

  private Optional<URI> override(ServiceType service) {
    return service.names().stream()
        .map(name -> config.endpointOverrides().get(name.replace('-', '_')))
        .filter(Objects::nonNull)
        .findFirst();
  }

  private Optional<URI> inCatalog(ServiceType service, Catalog catalog) {
    for (String name : service.names()) {
      List<Catalog.Entry> entries = usable(service, catalog.find(name, config.endpointInterface()));
      if (!entries.isEmpty()) {
        return Optional.of(URI.create(onlyRegion(service, entries).url()));
      }
    }
    return Optional.empty();
  }

  private List<Catalog.Entry> usable(ServiceType service, List<Catalog.Entry> entries) {
    return entries.stream()
        .filter(entry -> config.region() == null || entry.region().equals(config.region()))
        .filter(entry -> isRightVersion(service, entry.url()))
        .toList();
  }

  /** Old catalogues list {@code volume} of version 1 beside {@code volumev3}. */
  private static boolean isRightVersion(ServiceType service, String url) {
    try {
      return EndpointPath.of(URI.create(url))
          .map(path -> path.majorVersion() == service.majorVersion())
          .orElse(true);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private Catalog.Entry onlyRegion(ServiceType service, List<Catalog.Entry> entries) {
    var regions =
        entries.stream().map(Catalog.Entry::region).collect(Collectors.toCollection(TreeSet::new));
    if (regions.size() > 1) {
      throw new KedgeException(
          ErrorCode.USAGE,
          "cloud %s has %s in the regions %s: set region_name (OS_REGION_NAME)"
              .formatted(config.name(), service.project(), String.join(", ", regions)));
    }
    return entries.getFirst();
  }

  private KedgeException missing(ServiceType service, Catalog catalog) {
    String offers =
        catalog.entries().stream()
            .filter(entry -> service.names().contains(entry.serviceType()))
            .map(entry -> entry.endpointInterface() + " in " + entry.region())
            .distinct()
            .collect(Collectors.joining(", "));
    return new KedgeException(
        ErrorCode.NOT_FOUND,
        "cloud %s has no %s (%s) for interface %s%s; its catalogue has %s: set interface and region_name, or %s_endpoint_override"
            .formatted(
                config.name(),
                service.project(),
                service.type(),
                config.endpointInterface().word(),
                config.region() == null ? "" : " in region " + config.region(),
                offers.isEmpty() ? "none at all" : offers,
                service.type().replace('-', '_')));
  }
}
