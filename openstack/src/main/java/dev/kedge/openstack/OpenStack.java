package dev.kedge.openstack;

import dev.kedge.openstack.barbican.Barbican;
import dev.kedge.openstack.cinder.Cinder;
import dev.kedge.openstack.client.CloudSession;
import dev.kedge.openstack.client.ServiceType;
import dev.kedge.openstack.client.Token;
import dev.kedge.openstack.cloud.AuthScope;
import dev.kedge.openstack.cloud.CloudConfig;
import dev.kedge.openstack.glance.Glance;
import dev.kedge.openstack.keystone.Keystone;
import dev.kedge.openstack.neutron.Neutron;
import dev.kedge.openstack.nova.Nova;

/**
 * A cloud, all its services, as one user. Nothing is sent before something is asked. Thread-safe.
 */
public final class OpenStack implements AutoCloseable {
  private final CloudSession session;
  private final Keystone keystone;
  private final Nova nova;
  private final Cinder cinder;
  private final Glance glance;
  private final Neutron neutron;
  private final Barbican barbican;

  /** The cloud of a configuration. */
  public OpenStack(CloudConfig config) {
    this(new CloudSession(config));
  }

  private OpenStack(CloudSession session) {
    this.session = session;
    this.keystone = new Keystone(session.service(ServiceType.IDENTITY));
    this.nova = new Nova(session.service(ServiceType.COMPUTE));
    this.cinder = new Cinder(session.service(ServiceType.BLOCK_STORAGE));
    this.glance = new Glance(session.service(ServiceType.IMAGE));
    this.neutron = new Neutron(session.service(ServiceType.NETWORK));
    this.barbican = new Barbican(session.service(ServiceType.KEY_MANAGER));
  }

  /** The same user with another scope, another project for example; close it, too. */
  public OpenStack scopedTo(AuthScope scope) {
    return new OpenStack(session.scopedTo(scope));
  }

  /** The configuration. */
  public CloudConfig config() {
    return session.config();
  }

  /** Who and where this is: user, project, roles. Logs in where that has not happened. */
  public Token token() {
    return session.token();
  }

  /** Projects and users. */
  public Keystone keystone() {
    return keystone;
  }

  /** Instances. */
  public Nova nova() {
    return nova;
  }

  /** Volumes. */
  public Cinder cinder() {
    return cinder;
  }

  /** Images. */
  public Glance glance() {
    return glance;
  }

  /** Networks. */
  public Neutron neutron() {
    return neutron;
  }

  /** Secrets. */
  public Barbican barbican() {
    return barbican;
  }

  /** Breaks off what is under way. */
  @Override
  public void close() {
    session.close();
  }
}
