package dev.kedge.repository;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * Looks for objects on a target that are none of a repository's: copied there by mistake, or left
 * by a killed run. They harm nobody, and Kedge leaves them alone. For one thread.
 */
final class ForeignObjects {
  private static final Set<String> FOLDERS = Set.of("images", "instances", "keys");

  private final BackupTarget target;
  private final List<ForeignObject> found = new ArrayList<>();

  ForeignObjects(BackupTarget target) {
    this.target = target;
  }

  List<ForeignObject> find() {
    objects("", name -> name.equals(RepositoryInfo.NAME) || name.equals(VerificationRun.NAME));
    folders("", FOLDERS::contains);
    objects("images/", name -> false);
    objects("instances/", name -> false);
    for (String image : folders("images/", name -> Uuids.parseOrNull(name) != null)) {
      image(new ImageFolder(target, UUID.fromString(image)));
    }
    for (String instance : folders("instances/", name -> Uuids.parseOrNull(name) != null)) {
      String prefix = "instances/" + instance + "/";
      objects(prefix, ForeignObjects::isOfInstance);
      folders(prefix, name -> false);
    }
    objects("keys/", name -> name.equals(RepositoryInfo.NAME) || isLease(name));
    return found;
  }

  private interface Known {
    boolean is(String baseName);
  }

  private void image(ImageFolder folder) {
    folders(folder.path(), name -> false);
    Set<String> files = new HashSet<>();
    ImageStore store = new ImageStore(folder, RepositoryContext.system());
    PointListing listing = store.points();
    for (Manifest layer : listing.layers()) {
      files.add(layer.file().name());
      files.add(layer.sums().name());
    }
    Set<UUID> damaged = new HashSet<>();
    listing.damaged().forEach(point -> damaged.add(point.point()));
    for (StoredObject object : folder.list()) {
      String name = object.baseName();
      UUID point = PointNames.ofPayload(name);
      if (point != null && !files.contains(name) && !damaged.contains(point)) {
        found.add(
            new ForeignObject(
                object.name(), "of no restore point: being written, or left by a killed run"));
      } else if (point == null && !isOfImage(name)) {
        found.add(foreign(object.name()));
      }
    }
  }

  private static boolean isOfImage(String name) {
    return PointNames.ofManifest(name) != null
        || name.equals(ImageJson.NAME)
        || name.equals(UndoJson.NAME)
        || name.equals(MergeJournal.NAME)
        || name.equals(ProofsJson.NAME)
        || name.equals(CopiesJson.NAME)
        || name.equals(MovedJson.NAME)
        || isLease(name);
  }

  private static boolean isOfInstance(String name) {
    return PointNames.ofManifest(name) != null || RestoreJournals.isJournal(name) || isLease(name);
  }

  private static boolean isLease(String name) {
    return LeaseRecord.token(name) != null;
  }

  private void objects(String prefix, Known known) {
    for (StoredObject object : target.list(prefix)) {
      if (!known.is(object.baseName())) {
        found.add(foreign(object.name()));
      }
    }
  }

  /** The folders that are known; the others are findings. */
  private List<String> folders(String prefix, Known known) {
    List<String> names = new ArrayList<>();
    for (String name : target.folders(prefix)) {
      if (known.is(name)) {
        names.add(name);
      } else {
        found.add(foreign(prefix + name + "/"));
      }
    }
    return names;
  }

  private static ForeignObject foreign(String name) {
    return new ForeignObject(name, "nothing that Kedge keeps");
  }
}
