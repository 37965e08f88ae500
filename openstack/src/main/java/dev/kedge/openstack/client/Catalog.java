package dev.kedge.openstack.client;

import dev.kedge.openstack.cloud.EndpointInterface;
import java.util.ArrayList;
import java.util.List;

/** The endpoints that Keystone names. Immutable. */
public record Catalog(List<Entry> entries) {
  /** One endpoint. */
  public record Entry(String serviceType, String region, String endpointInterface, String url) {}

  /** Copies the entries. */
  public Catalog {
    entries = List.copyOf(entries);
  }

  static Catalog of(List<ApiObject> services) {
    List<Entry> entries = new ArrayList<>();
    for (ApiObject service : services) {
      for (ApiObject endpoint : service.objectsOrEmpty("endpoints")) {
        String region = endpoint.textOrNull("region_id");
        entries.add(
            new Entry(
                service.text("type"),
                region == null ? endpoint.textOrEmpty("region") : region,
                endpoint.text("interface"),
                endpoint.text("url")));
      }
    }
    return new Catalog(entries);
  }

  /** All endpoints of a type for an interface, whatever the region. */
  List<Entry> find(String serviceType, EndpointInterface endpointInterface) {
    return entries.stream()
        .filter(entry -> entry.serviceType().equals(serviceType))
        .filter(entry -> entry.endpointInterface().equals(endpointInterface.word()))
        .toList();
  }
}
