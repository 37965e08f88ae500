package dev.kedge.openstack.cloud;

import org.jspecify.annotations.Nullable;

/**
 * Settings to a proof of identity and a scope, by the rules of keystoneauth's loading options:
 * https://docs.openstack.org/keystoneauth/latest/plugin-options.html
 */
final class CredentialsReader {
  private static final String DEFAULT_DOMAIN_ID = "default";

  private final CloudSettings settings;

  CredentialsReader(CloudSettings settings) {
    this.settings = settings;
  }

  AuthMethod method() {
    String type = settings.get("auth_type");
    return switch (type == null ? guessedType() : type) {
      case "password", "v3password" -> password();
      case "v3applicationcredential" -> applicationCredential();
      case "token", "v3token" ->
          new AuthMethod.ExistingToken(secret("token", "set it, or use another auth_type"));
      default ->
          throw settings.wrong(
              "asks for auth_type "
                  + type
                  + ", which Kedge does not know: use password, v3applicationcredential or v3token");
    };
  }

  private String guessedType() {
    if (settings.has("application_credential_secret")) {
      return "v3applicationcredential";
    }
    return settings.has("token") && !settings.has("password") ? "v3token" : "password";
  }

  private AuthMethod password() {
    DomainMember user = user();
    if (user == null) {
      throw settings.wrong("has no user: set username (OS_USERNAME) or user_id (OS_USER_ID)");
    }
    return new AuthMethod.Password(
        user, secret("password", "set it in clouds.yaml or secure.yaml, or set OS_PASSWORD"));
  }

  private AuthMethod applicationCredential() {
    Secret secret = secret("application_credential_secret", "set it in clouds.yaml or secure.yaml");
    String id = settings.get("application_credential_id");
    if (id != null) {
      return new AuthMethod.ApplicationCredential(Reference.id(id), null, secret);
    }
    String name = settings.require("application_credential_name", "set it or the id");
    DomainMember user = user();
    if (user == null) {
      throw settings.wrong(
          "names an application credential without its user: set its id, or username");
    }
    return new AuthMethod.ApplicationCredential(Reference.name(name), user, secret);
  }

  private Secret secret(String key, String wayOut) {
    return new Secret(settings.require(key, wayOut));
  }

  private @Nullable DomainMember user() {
    Reference user = reference("user_id", "username");
    return user == null ? null : new DomainMember(user, domain("user"));
  }

  AuthScope scope(AuthMethod method) {
    // Keystone refuses an application credential that asks for a scope: it has its own.
    if (method instanceof AuthMethod.ApplicationCredential) {
      return new AuthScope.Unspecified();
    }
    String trust = settings.get("trust_id");
    if (trust != null) {
      return new AuthScope.Trust(trust);
    }
    if ("all".equals(settings.get("system_scope"))) {
      return new AuthScope.WholeSystem();
    }
    Reference project = reference("project_id", "project_name");
    if (project != null) {
      return new AuthScope.Project(new DomainMember(project, domain("project")));
    }
    Reference domain = reference("domain_id", "domain_name");
    return domain == null ? new AuthScope.Unspecified() : new AuthScope.Domain(domain);
  }

  private Reference domain(String whose) {
    Reference own = reference(whose + "_domain_id", whose + "_domain_name");
    if (own != null) {
      return own;
    }
    Reference common = reference("default_domain_id", "default_domain_name");
    return common == null ? Reference.id(DEFAULT_DOMAIN_ID) : common;
  }

  private @Nullable Reference reference(String idKey, String nameKey) {
    String id = settings.get(idKey);
    if (id != null) {
      return Reference.id(id);
    }
    String name = settings.get(nameKey);
    return name == null ? null : Reference.name(name);
  }
}
