package dev.kedge.qcow2;

import java.io.IOException;

/** Opens the files of one directory by their plain names. */
@FunctionalInterface
public interface FileOpener {
  /** Opens a file; the name of a backing file has been checked to be a plain file name. */
  RandomAccessInput open(String relativeName) throws IOException;
}
