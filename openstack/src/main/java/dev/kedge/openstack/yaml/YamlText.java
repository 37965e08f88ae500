package dev.kedge.openstack.yaml;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.ConstructNode;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.resolver.ScalarResolver;
import org.snakeyaml.engine.v2.schema.JsonSchema;
import org.snakeyaml.engine.v2.schema.Schema;

/** YAML text to maps, lists and texts; numbers and booleans stay the text that they were. */
final class YamlText {
  private static final int MAX_CHARACTERS = 1 << 20;

  private static final Schema TEXTS_AND_NULLS =
      new Schema() {
        private final JsonSchema json = new JsonSchema();

        @Override
        public ScalarResolver getScalarResolver() {
          return (value, implicit) -> implicit && isNull(value) ? Tag.NULL : Tag.STR;
        }

        @Override
        public Map<Tag, ConstructNode> getSchemaTagConstructors() {
          return json.getSchemaTagConstructors();
        }
      };

  private YamlText() {}

  private static boolean isNull(String value) {
    return value.isEmpty() || value.equals("~") || value.equals("null");
  }

  /** Throws USAGE where it is no YAML, naming the line but never its content. */
  static @Nullable Object load(String text, String file) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(file)
            .setSchema(TEXTS_AND_NULLS)
            .setAllowDuplicateKeys(false)
            .setCodePointLimit(MAX_CHARACTERS)
            .build();
    try {
      return new Load(settings).loadFromString(text);
    } catch (MarkedYamlEngineException e) {
      // The exception's own message quotes the line, which may hold a password.
      String where = e.getProblemMark().map(mark -> " in line " + (mark.getLine() + 1)).orElse("");
      throw new KedgeException(ErrorCode.USAGE, file + " is no YAML: " + e.getProblem() + where);
    } catch (YamlEngineException e) {
      throw new KedgeException(ErrorCode.USAGE, file + " is no YAML, or too large");
    }
  }
}
