package dev.kedge.ceph;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Attributes that come in structures and strings. Source of the layouts: rbd/librbd.h. */
final class ImageAttributes {
  private static final long TEXT_BYTES = 4096;
  // rbd_image_info_t: size, obj_size, num_objs, order, block_name_prefix[24], parent_pool,
  // parent_name[96]
  private static final long IMAGE_INFO_BYTES = 160;
  private static final long IMAGE_INFO_ORDER = 24;
  // rbd_linked_image_spec_t: pool_id, pool_name, pool_namespace, image_id, image_name, trash
  private static final long LINKED_IMAGE_SPEC_BYTES = 48;
  // rbd_snap_spec_t: id, namespace_type, name
  private static final long SNAP_SPEC_BYTES = 24;

  private ImageAttributes() {}

  /** The image's name, or a placeholder: the name only serves messages. */
  static String name(MemorySegment image) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(TEXT_BYTES);
      MemorySegment size = arena.allocateFrom(JAVA_LONG, TEXT_BYTES);
      return LibRbd.GET_NAME.call(image, buffer, size) < 0 ? "?" : buffer.getString(0);
    }
  }

  static String id(RbdImage image) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(TEXT_BYTES);
      image.call(LibRbd.GET_ID, p -> LibRbd.GET_ID.call(p, buffer, TEXT_BYTES));
      return buffer.getString(0);
    }
  }

  static int order(RbdImage image) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(IMAGE_INFO_BYTES, 8);
      image.call(LibRbd.STAT, p -> LibRbd.STAT.call(p, info, IMAGE_INFO_BYTES));
      return info.get(JAVA_INT, IMAGE_INFO_ORDER);
    }
  }

  static Optional<ParentImage> parent(RbdImage image) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment parent = arena.allocate(LINKED_IMAGE_SPEC_BYTES, 8);
      MemorySegment snapshot = arena.allocate(SNAP_SPEC_BYTES, 8);
      long result = image.handle().use(p -> LibRbd.GET_PARENT.call(p, parent, snapshot));
      if (result == Errno.ENOENT.asReturnValue()) {
        return Optional.empty();
      }
      CephErrors.check(LibRbd.GET_PARENT, result, "the parent of image " + image.spec());
      try {
        MemorySegment overlap = arena.allocate(JAVA_LONG);
        image.call(LibRbd.GET_OVERLAP, p -> LibRbd.GET_OVERLAP.call(p, overlap));
        return Optional.of(
            new ParentImage(
                CStrings.at(parent.get(ADDRESS, 8)),
                CStrings.at(parent.get(ADDRESS, 16)),
                CStrings.at(parent.get(ADDRESS, 32)),
                CStrings.at(parent.get(ADDRESS, 24)),
                CStrings.at(snapshot.get(ADDRESS, 16)),
                overlap.get(JAVA_LONG, 0)));
      } finally {
        LibRbd.LINKED_IMAGE_SPEC_CLEANUP.call(parent);
        LibRbd.SNAP_SPEC_CLEANUP.call(snapshot);
      }
    }
  }
}
