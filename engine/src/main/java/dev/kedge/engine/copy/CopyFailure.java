package dev.kedge.engine.copy;

import dev.kedge.base.KedgeException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that was not copied, while the rest was.
 *
 * @param point a restore point, of an image or an instance; null where a whole image was not
 * @param image the image or the instance, for people
 * @param failure why
 */
public record CopyFailure(@Nullable UUID point, String image, KedgeException failure) {}
