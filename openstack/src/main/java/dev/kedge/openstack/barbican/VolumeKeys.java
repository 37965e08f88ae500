package dev.kedge.openstack.barbican;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.openstack.client.OpenStackException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The keys of encrypted volumes, and copies of them: Cinder deletes a volume's key with the volume,
 * and without it a backup of the volume is noise. A copy is a secret of the project's that is found
 * by its name, so that one can be brought to another cloud by hand. Thread-safe. Methods throw
 * {@link OpenStackException} where Barbican does not do what it is asked.
 */
public final class VolumeKeys {
  /** What Cinder calls the one key of a cloud without Barbican, which has no copies. */
  private static final String FIXED_KEY = "00000000-0000-0000-0000-000000000000";

  private final Barbican barbican;

  /** Keys that this user may read. */
  public VolumeKeys(Barbican barbican) {
    this.barbican = barbican;
  }

  /** What a key's copy is called. */
  public static String copyName(String keyId) {
    return "kedge copy of volume key " + keyId;
  }

  /** Whether all volumes of the cloud have this key. */
  public static boolean isFixed(String keyId) {
    return keyId.equals(FIXED_KEY);
  }

  /**
   * Makes sure that there is a copy.
   *
   * @return its id; empty where the key is gone
   */
  public Optional<String> keep(String keyId) {
    Optional<String> copy = copy(keyId);
    return copy.isPresent() ? copy : barbican.find(keyId).map(this::store);
  }

  private String store(SecretInfo key) {
    byte[] payload = barbican.payload(key.id());
    try {
      String copy = barbican.store(key.named(copyName(key.id())), payload);
      if (!Arrays.equals(barbican.payload(copy), payload)) {
        throw new KedgeException(
            ErrorCode.VERIFICATION_FAILED,
            "Barbican gives back another secret for the copy of key " + key.id());
      }
      return copy;
    } finally {
      Arrays.fill(payload, (byte) 0);
    }
  }

  /** Whether a key or its copy can be read. */
  public boolean isThere(String keyId) {
    Optional<byte[]> passphrase = passphrase(keyId);
    passphrase.ifPresent(digits -> Arrays.fill(digits, (byte) 0));
    return passphrase.isPresent();
  }

  private Optional<String> copy(String keyId) {
    return barbican.named(copyName(keyId)).stream().map(SecretInfo::id).findFirst();
  }

  /**
   * The passphrase that a key or its copy makes; overwrite it when it was used. Cinder and Nova
   * take the key's bytes in hexadecimal digits (cinder/volume/drivers/rbd.py, nova/virt/libvirt).
   *
   * @return empty where both are gone
   */
  public Optional<byte[]> passphrase(String keyId) {
    return barbican.find(keyId).map(SecretInfo::id).or(() -> copy(keyId)).map(this::digits);
  }

  private byte[] digits(String secretId) {
    byte[] payload = barbican.payload(secretId);
    try {
      return HexFormat.of().formatHex(payload).getBytes(StandardCharsets.US_ASCII);
    } finally {
      Arrays.fill(payload, (byte) 0);
    }
  }
}
