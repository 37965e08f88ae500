import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;

/**
 * Gives classes that were compiled for Java 5 the form of those for Java 8, in place: the JVM's
 * cache of classes takes none older than Java 6, and verifies each of them at every start instead.
 * picocli's 170 cost a command 75 ms of 470. What they do is the same.
 *
 * <p>usage: java RaiseClassVersion.java JAR... A jar without such classes is left as it is.
 */
public final class RaiseClassVersion {
  private static final int OLDEST_IN_CACHE = ClassFile.JAVA_6_VERSION;
  private static final int RAISED = ClassFile.JAVA_8_VERSION;

  private RaiseClassVersion() {}

  /** Raises the classes of all jars named. */
  public static void main(String[] jars) throws IOException {
    for (String jar : jars) {
      raise(Path.of(jar));
    }
  }

  private static void raise(Path path) throws IOException {
    Path raised = Path.of(path + ".raised");
    int count = 0;
    try (JarFile jar = new JarFile(path.toFile());
        URLClassLoader loader = new URLClassLoader(new URL[] {path.toUri().toURL()});
        OutputStream file = Files.newOutputStream(raised);
        JarOutputStream out = new JarOutputStream(file)) {
      // The stack maps, which Java 5 did not have, need to know what is a subclass of what.
      ClassFile format =
          ClassFile.of(
              ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
              ClassFile.ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.ofResourceParsing(loader)
                      .orElse(ClassHierarchyResolver.defaultResolver())));
      for (JarEntry entry : jar.stream().toList()) {
        byte[] content = jar.getInputStream(entry).readAllBytes();
        if (entry.getName().endsWith(".class")) {
          ClassModel old = format.parse(content);
          if (old.majorVersion() < OLDEST_IN_CACHE) {
            content = format.transformClass(old, newer());
            count++;
          }
        }
        JarEntry copy = new JarEntry(entry.getName());
        copy.setTime(entry.getTime());
        out.putNextEntry(copy);
        out.write(content);
        out.closeEntry();
      }
    }
    if (count > 0) {
      Files.move(raised, path, StandardCopyOption.REPLACE_EXISTING);
      System.out.println("raised " + count + " classes of " + path.getFileName());
    } else {
      Files.delete(raised);
    }
  }

  private static ClassTransform newer() {
    return ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL)
        .andThen(ClassTransform.endHandler(builder -> builder.withVersion(RAISED, 0)));
  }
}
