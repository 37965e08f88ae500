package dev.kedge.cli;

import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** In what form a command answers. */
final class OutputFlag {
  enum Format {
    TEXT,
    JSON
  }

  static final class Converter implements ITypeConverter<Format> {
    @Override
    public Format convert(String value) {
      return switch (value.toLowerCase(Locale.ROOT)) {
        case "text" -> Format.TEXT;
        case "json" -> Format.JSON;
        default -> throw new TypeConversionException("'" + value + "' is neither text nor json");
      };
    }
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "text|json",
      defaultValue = "text",
      converter = Converter.class,
      description = "form of the answer (default: ${DEFAULT-VALUE})")
  Format format = Format.TEXT;

  boolean isJson() {
    return format == Format.JSON;
  }
}
