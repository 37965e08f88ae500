package dev.kedge.engine;

/**
 * Hears how far a piece of work is. Calls come from one thread at a time, though not always the
 * same.
 */
public interface Progress {
  /** Hears nothing. */
  Progress NONE =
      new Progress() {
        @Override
        public void begin(String step, long totalBytes) {}

        @Override
        public void advance(long bytes) {}

        @Override
        public void note(String message) {}
      };

  /** A step starts, and will move this many bytes. */
  void begin(String step, long totalBytes);

  /** So many more bytes of the step are done. */
  void advance(long bytes);

  /** Something that the user should know, though the work goes on. One line. */
  void note(String message);
}
