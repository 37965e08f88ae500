package dev.kedge.engine.testing;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import dev.kedge.repository.BackupTarget;
import dev.kedge.repository.InPlaceTarget;
import dev.kedge.repository.ObjectEditor;
import dev.kedge.repository.ObjectOutput;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A target whose process dies at the k-th thing it changes, before or after it took effect: from
 * then on nothing works. What it had open for changes is closed, as the kernel would.
 */
public final class CrashingTarget {
  private static final Set<String> CHANGES =
      Set.of(
          "create",
          "createReplacement",
          "putIfAbsent",
          "replace",
          "delete",
          "rename",
          "append",
          "copyRange",
          "writeHeader",
          "flush",
          "write",
          "truncate",
          "punchHole");

  private final int crashAt;
  private final boolean afterEffect;
  private final List<String> changes = new ArrayList<>();
  private Consumer<String> before = change -> {};
  private boolean crashed;

  /** One that dies at a change; never, where the number is that high. */
  public CrashingTarget(int crashAt, boolean afterEffect) {
    this.crashAt = crashAt;
    this.afterEffect = afterEffect;
  }

  /** Hears of each change just before it is made. */
  public void beforeEach(Consumer<String> listener) {
    before = listener;
  }

  /** Whether it died. */
  public boolean crashed() {
    return crashed;
  }

  /** What it changed, the fatal one last. */
  public List<String> changes() {
    return changes;
  }

  /** The target as that process sees it. */
  public BackupTarget over(BackupTarget target) {
    return (BackupTarget) wrap(target, BackupTarget.class, InPlaceTarget.class);
  }

  private Object wrap(Object object, Class<?>... types) {
    return Proxy.newProxyInstance(
        CrashingTarget.class.getClassLoader(),
        types,
        (proxy, method, arguments) -> call(object, method, arguments));
  }

  private @Nullable Object call(Object object, Method method, @Nullable Object[] arguments)
      throws Throwable {
    String name = method.getName();
    if (name.equals("close")) {
      // A dead process closes what it has, and removes nothing.
      return crashed && object instanceof ObjectOutput ? null : invoke(object, method, arguments);
    }
    if (crashed) {
      throw dead();
    }
    if (CHANGES.contains(name)) {
      before.accept(name);
      changes.add(name);
      if (changes.size() == crashAt) {
        crashed = true;
        if (afterEffect) {
          closeIfOpened(invoke(object, method, arguments));
        }
        throw dead();
      }
    }
    @Nullable Object result = invoke(object, method, arguments);
    return switch (result) {
      case ObjectOutput output -> wrap(output, ObjectOutput.class);
      case ObjectEditor editor -> wrap(editor, ObjectEditor.class);
      case null -> null;
      default -> result;
    };
  }

  private static void closeIfOpened(@Nullable Object result) throws Exception {
    if (result instanceof ObjectEditor editor) {
      editor.close();
    }
  }

  private static @Nullable Object invoke(Object object, Method method, @Nullable Object[] arguments)
      throws Throwable {
    try {
      return method.invoke(object, arguments);
    } catch (InvocationTargetException e) {
      throw Objects.requireNonNull(e.getCause());
    }
  }

  private static KedgeException dead() {
    return new KedgeException(ErrorCode.TARGET_UNREACHABLE, "crashed");
  }
}
