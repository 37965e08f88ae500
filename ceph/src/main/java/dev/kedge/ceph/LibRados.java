package dev.kedge.ceph;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.util.List;

/** The functions of librados that Kedge calls. Source: rados/librados.h of Ceph 16. */
final class LibRados {
  private static final NativeLibrary LIB = new NativeLibrary("librados.so.2", "librados2");

  static final NativeFunction CREATE2 =
      LIB.function("rados_create2", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
  static final NativeFunction CONF_READ_FILE =
      LIB.function("rados_conf_read_file", JAVA_INT, ADDRESS, ADDRESS);
  static final NativeFunction CONF_SET =
      LIB.function("rados_conf_set", JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
  static final NativeFunction CONF_GET =
      LIB.function("rados_conf_get", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG);
  static final NativeFunction CONNECT = LIB.function("rados_connect", JAVA_INT, ADDRESS);
  static final NativeFunction SHUTDOWN = LIB.procedure("rados_shutdown", ADDRESS);
  static final NativeFunction CLUSTER_FSID =
      LIB.function("rados_cluster_fsid", JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
  static final NativeFunction POOL_LIST =
      LIB.function("rados_pool_list", JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
  static final NativeFunction POOL_REVERSE_LOOKUP =
      LIB.function("rados_pool_reverse_lookup", JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG);
  static final NativeFunction IOCTX_CREATE =
      LIB.function("rados_ioctx_create", JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
  static final NativeFunction IOCTX_DESTROY = LIB.procedure("rados_ioctx_destroy", ADDRESS);
  static final NativeFunction IOCTX_SET_NAMESPACE =
      LIB.procedure("rados_ioctx_set_namespace", ADDRESS, ADDRESS);
  static final NativeFunction IOCTX_GET_ID = LIB.function("rados_ioctx_get_id", JAVA_LONG, ADDRESS);
  static final NativeFunction NOTIFY2 =
      LIB.function(
          "rados_notify2",
          JAVA_INT,
          ADDRESS,
          ADDRESS,
          ADDRESS,
          JAVA_INT,
          JAVA_LONG,
          ADDRESS,
          ADDRESS);
  static final NativeFunction BUFFER_FREE = LIB.procedure("rados_buffer_free", ADDRESS);
  static final NativeFunction SET_POOL_FULL_TRY = LIB.procedure("rados_set_pool_full_try", ADDRESS);

  // A request of its own: (callback argument, callback, completion*)
  static final NativeFunction AIO_CREATE_COMPLETION2 =
      LIB.function("rados_aio_create_completion2", JAVA_INT, ADDRESS, ADDRESS, ADDRESS);
  // (ioctx, object, completion, size*, time*)
  static final NativeFunction AIO_STAT =
      LIB.function("rados_aio_stat", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS);
  static final NativeFunction AIO_IS_COMPLETE =
      LIB.function("rados_aio_is_complete", JAVA_INT, ADDRESS);
  static final NativeFunction AIO_WAIT_FOR_COMPLETE =
      LIB.function("rados_aio_wait_for_complete", JAVA_INT, ADDRESS);
  static final NativeFunction AIO_CANCEL =
      LIB.function("rados_aio_cancel", JAVA_INT, ADDRESS, ADDRESS);
  static final NativeFunction AIO_RELEASE = LIB.procedure("rados_aio_release", ADDRESS);

  /** What every connection calls, in its order. */
  static final List<NativeFunction> COMMON =
      List.of(
          CREATE2,
          CONF_SET,
          CONF_READ_FILE,
          CONNECT,
          CLUSTER_FSID,
          IOCTX_CREATE,
          IOCTX_GET_ID,
          IOCTX_SET_NAMESPACE,
          AIO_CREATE_COMPLETION2,
          AIO_STAT,
          AIO_IS_COMPLETE,
          AIO_RELEASE,
          IOCTX_DESTROY,
          SHUTDOWN);

  private LibRados() {}

  static NativeLibrary library() {
    return LIB;
  }
}
