package dev.kedge.openstack.cloud;

/** What a token shall be good for. */
public sealed interface AuthScope {
  /** A project. */
  record Project(DomainMember project) implements AuthScope {}

  /** A domain. */
  record Domain(Reference domain) implements AuthScope {}

  /** What a trustor delegated to this user. */
  record Trust(String trustId) implements AuthScope {}

  /** The whole deployment. */
  record WholeSystem() implements AuthScope {}

  /** Whatever Keystone chooses: an application credential's own project, a user's default one. */
  record Unspecified() implements AuthScope {}
}
