package dev.kedge.openstack.keystone;

import dev.kedge.openstack.client.ApiCollection;
import dev.kedge.openstack.client.ApiCollection.Spelling;
import dev.kedge.openstack.client.OpenStackException;
import dev.kedge.openstack.client.Query;
import dev.kedge.openstack.client.ServiceClient;
import java.util.List;

/**
 * Projects and users. Thread-safe. Every method throws {@link OpenStackException} where Keystone
 * does not do what it is asked.
 */
public final class Keystone {
  private final ServiceClient service;
  private final ApiCollection<Project> projects;
  private final ApiCollection<User> users;

  /** Keystone behind a client of IDENTITY. */
  public Keystone(ServiceClient service) {
    this.service = service;
    this.projects =
        new ApiCollection<>(service, Spelling.of("/projects", "project", "projects"), Project::of);
    this.users = new ApiCollection<>(service, Spelling.of("/users", "user", "users"), User::of);
  }

  /** All projects; operators only, but for one's own by id. */
  public ApiCollection<Project> projects() {
    return projects;
  }

  /** All users; operators only, but for oneself by id. */
  public ApiCollection<User> users() {
    return users;
  }

  /** The projects in which the caller has a role. */
  public List<Project> ownProjects() {
    return service.list("/auth/projects", Query.none(), "projects").stream()
        .map(Project::of)
        .toList();
  }
}
