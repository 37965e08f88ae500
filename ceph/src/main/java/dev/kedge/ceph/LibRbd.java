package dev.kedge.ceph;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.util.List;

/** The functions of librbd that Kedge calls. Source: rbd/librbd.h of Ceph 16. */
final class LibRbd {
  private static final NativeLibrary LIB = new NativeLibrary("librbd.so.1", "librbd1");

  // Opening: (ioctx, name or id, image*, snapshot or NULL)
  static final NativeFunction OPEN = open("rbd_open");
  static final NativeFunction OPEN_READ_ONLY = open("rbd_open_read_only");
  static final NativeFunction OPEN_BY_ID = open("rbd_open_by_id");
  static final NativeFunction OPEN_BY_ID_READ_ONLY = open("rbd_open_by_id_read_only");
  static final NativeFunction CLOSE = function("rbd_close", ADDRESS);

  // Images of a pool
  static final NativeFunction LIST2 = function("rbd_list2", ADDRESS, ADDRESS, ADDRESS);
  static final NativeFunction IMAGE_SPEC_LIST_CLEANUP =
      LIB.procedure("rbd_image_spec_list_cleanup", ADDRESS, JAVA_LONG);
  static final NativeFunction CREATE4 =
      function("rbd_create4", ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
  static final NativeFunction CLONE3 =
      function("rbd_clone3", ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  static final NativeFunction REMOVE = function("rbd_remove", ADDRESS, ADDRESS);
  static final NativeFunction RENAME = function("rbd_rename", ADDRESS, ADDRESS, ADDRESS);
  static final NativeFunction OPTIONS_CREATE = LIB.procedure("rbd_image_options_create", ADDRESS);
  static final NativeFunction OPTIONS_DESTROY = LIB.procedure("rbd_image_options_destroy", ADDRESS);
  static final NativeFunction OPTIONS_SET_STRING =
      function("rbd_image_options_set_string", ADDRESS, JAVA_INT, ADDRESS);
  static final NativeFunction OPTIONS_SET_UINT64 =
      function("rbd_image_options_set_uint64", ADDRESS, JAVA_INT, JAVA_LONG);
  static final NativeFunction NAMESPACE_CREATE = function("rbd_namespace_create", ADDRESS, ADDRESS);
  static final NativeFunction NAMESPACE_REMOVE = function("rbd_namespace_remove", ADDRESS, ADDRESS);
  static final NativeFunction NAMESPACE_LIST =
      function("rbd_namespace_list", ADDRESS, ADDRESS, ADDRESS);
  static final NativeFunction NAMESPACE_EXISTS =
      function("rbd_namespace_exists", ADDRESS, ADDRESS, ADDRESS);

  // Attributes
  static final NativeFunction GET_SIZE = function("rbd_get_size", ADDRESS, ADDRESS);
  static final NativeFunction GET_FEATURES = function("rbd_get_features", ADDRESS, ADDRESS);
  static final NativeFunction GET_FLAGS = function("rbd_get_flags", ADDRESS, ADDRESS);
  static final NativeFunction GET_STRIPE_UNIT = function("rbd_get_stripe_unit", ADDRESS, ADDRESS);
  static final NativeFunction GET_STRIPE_COUNT = function("rbd_get_stripe_count", ADDRESS, ADDRESS);
  static final NativeFunction GET_OVERLAP = function("rbd_get_overlap", ADDRESS, ADDRESS);
  static final NativeFunction STAT = function("rbd_stat", ADDRESS, ADDRESS, JAVA_LONG);
  static final NativeFunction GET_ID = function("rbd_get_id", ADDRESS, ADDRESS, JAVA_LONG);
  static final NativeFunction GET_NAME = function("rbd_get_name", ADDRESS, ADDRESS, ADDRESS);
  static final NativeFunction GET_DATA_POOL_ID =
      LIB.function("rbd_get_data_pool_id", JAVA_LONG, ADDRESS);
  static final NativeFunction GET_PARENT = function("rbd_get_parent", ADDRESS, ADDRESS, ADDRESS);
  static final NativeFunction LINKED_IMAGE_SPEC_CLEANUP =
      LIB.procedure("rbd_linked_image_spec_cleanup", ADDRESS);
  static final NativeFunction SNAP_SPEC_CLEANUP = LIB.procedure("rbd_snap_spec_cleanup", ADDRESS);
  static final NativeFunction METADATA_GET =
      function("rbd_metadata_get", ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  static final NativeFunction METADATA_SET =
      function("rbd_metadata_set", ADDRESS, ADDRESS, ADDRESS);
  static final NativeFunction METADATA_REMOVE = function("rbd_metadata_remove", ADDRESS, ADDRESS);
  static final NativeFunction METADATA_LIST =
      function(
          "rbd_metadata_list", ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  static final NativeFunction CONFIG_IMAGE_LIST =
      function("rbd_config_image_list", ADDRESS, ADDRESS, ADDRESS);
  static final NativeFunction CONFIG_IMAGE_LIST_CLEANUP =
      LIB.procedure("rbd_config_image_list_cleanup", ADDRESS, JAVA_INT);

  // Other clients
  static final NativeFunction IS_EXCLUSIVE_LOCK_OWNER =
      function("rbd_is_exclusive_lock_owner", ADDRESS, ADDRESS);
  static final NativeFunction LOCK_ACQUIRE = function("rbd_lock_acquire", ADDRESS, JAVA_INT);
  static final NativeFunction LOCK_RELEASE = function("rbd_lock_release", ADDRESS);
  static final NativeFunction LOCK_GET_OWNERS =
      function("rbd_lock_get_owners", ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  static final NativeFunction LOCK_GET_OWNERS_CLEANUP =
      LIB.procedure("rbd_lock_get_owners_cleanup", ADDRESS, JAVA_LONG);
  static final NativeFunction WATCHERS_LIST =
      function("rbd_watchers_list", ADDRESS, ADDRESS, ADDRESS);
  static final NativeFunction WATCHERS_LIST_CLEANUP =
      LIB.procedure("rbd_watchers_list_cleanup", ADDRESS, JAVA_LONG);

  // Snapshots
  static final NativeFunction SNAP_LIST = function("rbd_snap_list", ADDRESS, ADDRESS, ADDRESS);
  static final NativeFunction SNAP_LIST_END = LIB.procedure("rbd_snap_list_end", ADDRESS);
  static final NativeFunction SNAP_GET_TIMESTAMP =
      function("rbd_snap_get_timestamp", ADDRESS, JAVA_LONG, ADDRESS);
  static final NativeFunction SNAP_GET_NAMESPACE_TYPE =
      function("rbd_snap_get_namespace_type", ADDRESS, JAVA_LONG, ADDRESS);
  static final NativeFunction SNAP_CREATE = function("rbd_snap_create", ADDRESS, ADDRESS);
  static final NativeFunction SNAP_REMOVE = function("rbd_snap_remove", ADDRESS, ADDRESS);
  static final NativeFunction SNAP_PROTECT = function("rbd_snap_protect", ADDRESS, ADDRESS);
  static final NativeFunction SNAP_IS_PROTECTED =
      function("rbd_snap_is_protected", ADDRESS, ADDRESS, ADDRESS);
  static final NativeFunction SNAP_ROLLBACK = function("rbd_snap_rollback", ADDRESS, ADDRESS);

  // Data
  static final NativeFunction DIFF_ITERATE2 =
      function(
          "rbd_diff_iterate2",
          ADDRESS,
          ADDRESS,
          JAVA_LONG,
          JAVA_LONG,
          JAVA_BYTE,
          JAVA_BYTE,
          ADDRESS,
          ADDRESS);
  static final NativeFunction RESIZE = function("rbd_resize", ADDRESS, JAVA_LONG);
  static final NativeFunction FLATTEN = function("rbd_flatten", ADDRESS);
  static final NativeFunction FLUSH = function("rbd_flush", ADDRESS);
  static final NativeFunction AIO_CREATE_COMPLETION =
      function("rbd_aio_create_completion", ADDRESS, ADDRESS, ADDRESS);
  static final NativeFunction AIO_READ =
      function("rbd_aio_read", ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS);
  static final NativeFunction AIO_WRITE =
      function("rbd_aio_write", ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS, ADDRESS);
  static final NativeFunction AIO_DISCARD =
      function("rbd_aio_discard", ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS);
  static final NativeFunction AIO_WRITE_ZEROES =
      function("rbd_aio_write_zeroes", ADDRESS, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_INT, JAVA_INT);
  static final NativeFunction AIO_FLUSH = function("rbd_aio_flush", ADDRESS, ADDRESS);
  static final NativeFunction AIO_WAIT_FOR_COMPLETE =
      function("rbd_aio_wait_for_complete", ADDRESS);
  static final NativeFunction AIO_IS_COMPLETE = function("rbd_aio_is_complete", ADDRESS);
  static final NativeFunction AIO_GET_RETURN_VALUE =
      LIB.function("rbd_aio_get_return_value", JAVA_LONG, ADDRESS);
  static final NativeFunction AIO_RELEASE = LIB.procedure("rbd_aio_release", ADDRESS);

  /** What every use of an image calls. */
  static final List<NativeFunction> COMMON =
      List.of(
          OPEN,
          OPEN_READ_ONLY,
          STAT,
          GET_ID,
          GET_SIZE,
          GET_PARENT,
          SNAP_LIST,
          AIO_CREATE_COMPLETION,
          AIO_WAIT_FOR_COMPLETE,
          AIO_GET_RETURN_VALUE,
          AIO_RELEASE,
          CLOSE);

  private LibRbd() {}

  static NativeLibrary library() {
    return LIB;
  }

  private static NativeFunction function(String symbol, MemoryLayout... arguments) {
    return LIB.function(symbol, JAVA_INT, arguments);
  }

  private static NativeFunction open(String symbol) {
    return function(symbol, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  }
}
