package dev.kedge.ceph;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A shared library by its soname, loaded when its first function is called, so that a command that
 * needs no Ceph runs without it. Thread-safe.
 */
final class NativeLibrary {
  private final String soname;
  private final String debianPackage;
  private final List<NativeFunction> functions = new ArrayList<>();
  private @Nullable SymbolLookup lookup;

  NativeLibrary(String soname, String debianPackage) {
    this.soname = soname;
    this.debianPackage = debianPackage;
  }

  /** A function that returns a value; the symbol is resolved at its first call. */
  NativeFunction function(String symbol, MemoryLayout result, MemoryLayout... arguments) {
    return declare(new NativeFunction(this, symbol, FunctionDescriptor.of(result, arguments)));
  }

  /** A function without a result; its call returns 0. */
  NativeFunction procedure(String symbol, MemoryLayout... arguments) {
    return declare(new NativeFunction(this, symbol, FunctionDescriptor.ofVoid(arguments)));
  }

  private NativeFunction declare(NativeFunction function) {
    functions.add(function);
    return function;
  }

  /** Resolves every declared function that the installed version has; returns what it lacks. */
  List<String> bindAll() {
    List<String> missing = new ArrayList<>();
    for (NativeFunction function : functions) {
      if (function.exists()) {
        function.bind();
      } else {
        missing.add(function.name());
      }
    }
    return missing;
  }

  /** Whether the installed version has this symbol. */
  boolean has(String symbol) {
    return lookup().find(symbol).isPresent();
  }

  MethodHandle bind(String symbol, FunctionDescriptor descriptor) {
    return lookup()
        .find(symbol)
        .map(address -> Linker.nativeLinker().downcallHandle(address, descriptor))
        .orElseThrow(() -> tooOld(symbol));
  }

  private synchronized SymbolLookup lookup() {
    SymbolLookup loaded = lookup;
    if (loaded == null) {
      loaded = load();
      lookup = loaded;
    }
    return loaded;
  }

  private SymbolLookup load() {
    try {
      return SymbolLookup.libraryLookup(soname, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new KedgeException(
          ErrorCode.LIBRARY_MISSING,
          soname + " cannot be loaded: install the package " + debianPackage,
          e);
    }
  }

  private KedgeException tooOld(String symbol) {
    return new KedgeException(
        ErrorCode.LIBRARY_MISSING,
        soname
            + " has no function "
            + symbol
            + ": this needs another version of the package "
            + debianPackage);
  }
}
