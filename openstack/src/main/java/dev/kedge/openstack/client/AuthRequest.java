package dev.kedge.openstack.client;

import dev.kedge.openstack.cloud.AuthMethod;
import dev.kedge.openstack.cloud.AuthScope;
import dev.kedge.openstack.cloud.DomainMember;
import dev.kedge.openstack.cloud.Reference;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** The body of {@code POST /v3/auth/tokens}: https://docs.openstack.org/api-ref/identity/v3/. */
final class AuthRequest {
  private AuthRequest() {}

  static ObjectNode of(AuthMethod method, AuthScope scope) {
    ObjectNode auth = ApiJson.object();
    auth.set("identity", identity(method));
    switch (scope) {
      case AuthScope.Project(DomainMember project) ->
          auth.set("scope", ApiJson.wrap("project", member(project)));
      case AuthScope.Domain(Reference domain) ->
          auth.set("scope", ApiJson.wrap("domain", reference(domain)));
      case AuthScope.Trust(String trustId) ->
          auth.set("scope", ApiJson.wrap("OS-TRUST:trust", reference(Reference.id(trustId))));
      case AuthScope.WholeSystem() ->
          auth.set("scope", ApiJson.wrap("system", ApiJson.object().put("all", true)));
      case AuthScope.Unspecified() -> {
        // Nothing to say.
      }
    }
    return ApiJson.wrap("auth", auth);
  }

  private static ObjectNode identity(AuthMethod method) {
    return switch (method) {
      case AuthMethod.Password(var user, var password) -> {
        ObjectNode who = member(user);
        who.put("password", password.reveal());
        yield identity("password", ApiJson.wrap("user", who));
      }
      case AuthMethod.ApplicationCredential(var credential, var user, var secret) -> {
        ObjectNode what = reference(credential);
        what.put("secret", secret.reveal());
        if (user != null) {
          what.set("user", member(user));
        }
        yield identity("application_credential", what);
      }
      case AuthMethod.ExistingToken(var token) ->
          identity("token", ApiJson.object().put("id", token.reveal()));
    };
  }

  private static ObjectNode identity(String name, ObjectNode proof) {
    ObjectNode identity = ApiJson.wrap(name, proof);
    identity.set("methods", ApiJson.texts(List.of(name)));
    return identity;
  }

  private static ObjectNode member(DomainMember member) {
    ObjectNode object = reference(member.reference());
    if (member.reference().kind() == Reference.Kind.NAME) {
      object.set("domain", reference(member.domain()));
    }
    return object;
  }

  private static ObjectNode reference(Reference reference) {
    return ApiJson.object().put(reference.kind().field(), reference.value());
  }
}
