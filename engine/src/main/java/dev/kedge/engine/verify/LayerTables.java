package dev.kedge.engine.verify;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.engine.CancelToken;
import dev.kedge.qcow2.CheckReport;
import dev.kedge.qcow2.Qcow2Check;
import dev.kedge.qcow2.Qcow2File;
import dev.kedge.repository.ImageStore;
import dev.kedge.repository.Manifest;
import dev.kedge.repository.ObjectInput;
import java.io.IOException;

/** Proves a layer's tables by the manifest alone. */
public final class LayerTables {
  private LayerTables() {}

  /**
   * Whether everything in a layer's file that is no plain cluster is what was written. False also
   * where the manifest cannot prove that, since others were merged into the file.
   */
  public static boolean areAsWritten(ImageStore store, Manifest layer, CancelToken cancel) {
    if (layer.file().merged() != null) {
      return false;
    }
    try (ObjectInput input = store.openData(layer)) {
      Qcow2File file = Qcow2File.open(input, layer.file().name());
      CheckReport report = Qcow2Check.check(file);
      return input.lengthBytes() == layer.file().lengthBytes()
          && report.corruptions().isEmpty()
          && TablesDigest.of(
                  input, file.header().clusterSize().bytes(), report::isPlainData, cancel)
              .equals(layer.file().tablesDigest());
    } catch (KedgeException e) {
      if (e.code() == ErrorCode.VERIFICATION_FAILED
          || e.code() == ErrorCode.NOT_FOUND
          || e.code() == ErrorCode.REFUSED) {
        return false;
      }
      throw e;
    } catch (IOException e) {
      return false;
    }
  }
}
