package dev.kedge.openstack.restore.plan;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.OpenStack;
import dev.kedge.openstack.barbican.VolumeKeys;
import dev.kedge.openstack.cinder.VolumeType;
import java.util.Optional;
import java.util.function.Supplier;

/** Checks that an encrypted disk can be read again, and that no other meets encryption. */
public final class EncryptionCheck {
  private final OpenStack cloud;
  private final PlanReport report;

  EncryptionCheck(OpenStack cloud, PlanReport report) {
    this.cloud = cloud;
    this.report = report;
  }

  /** The key of an encrypted disk. */
  void key(String label, Optional<String> keyId) {
    if (keyId.isEmpty()) {
      report.problem(label, "it is encrypted, and Cinder did not say with which key");
    } else if (!VolumeKeys.isFixed(keyId.get()) && !isThere(keyId.get())) {
      report.problem(
          label,
          "it is encrypted, and neither its key %s nor the copy '%s' is for this user to read in Barbican: store the copy there, or set 'restore' to no in a plan"
              .formatted(keyId.get(), VolumeKeys.copyName(keyId.get())));
    } else {
      report.reuse("key " + keyId.get(), "to give " + label + " the key of its new volume");
    }
  }

  private boolean isThere(String keyId) {
    return ifPermitted(() -> new VolumeKeys(cloud.barbican()).isThere(keyId)).orElse(false);
  }

  /**
   * Whether the header can be given the key of the new volume. The one key of a cloud without
   * Barbican stays, so that no header changes.
   */
  void header(String label, String keyId, StoredHeader stored) {
    if (VolumeKeys.isFixed(keyId)) {
      return;
    }
    try {
      stored.read().requireFreeSlot();
    } catch (KedgeException e) {
      report.problem(
          label,
          "it is encrypted, and its new volume's key cannot be given to it: "
              + e.getMessage()
              + wayOut(keyId));
    }
  }

  /** What can be done with ciphertext whose header Kedge cannot change; to end a message. */
  public static String wayOut(String keyId) {
    return ": set 'restore' to no at this disk in a plan, write its ciphertext elsewhere with 'kedge restore', and open it there with key "
        + keyId;
  }

  /** Tenants may not see whether a type encrypts; for them the restore finds it out in time. */
  void type(String label, VolumeType type, boolean diskIsEncrypted) {
    boolean encrypts =
        ifPermitted(() -> !cloud.cinder().encryption(type.id()).raw().isEmpty())
            .orElse(diskIsEncrypted);
    if (encrypts != diskIsEncrypted) {
      report.problem(label, mismatch(type.name(), diskIsEncrypted));
    }
  }

  /** Why a volume of that type cannot take the disk. */
  public static String mismatch(String type, boolean diskIsEncrypted) {
    return diskIsEncrypted
        ? "it is encrypted, and volume type %s is not: name one that is".formatted(type)
        : "it is not encrypted, and volume type %s is: name one that is not".formatted(type);
  }

  private static <T> Optional<T> ifPermitted(Supplier<T> question) {
    try {
      return Optional.of(question.get());
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.PERMISSION_DENIED || e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
