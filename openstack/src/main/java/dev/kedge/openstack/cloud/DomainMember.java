package dev.kedge.openstack.cloud;

/**
 * A user or project: by its id, or by its name within a domain.
 *
 * @param domain counts only where the reference is a name
 */
public record DomainMember(Reference reference, Reference domain) {}
