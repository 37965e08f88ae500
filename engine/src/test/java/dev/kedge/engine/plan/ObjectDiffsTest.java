package dev.kedge.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kedge.base.ErrorCode;
import dev.kedge.base.KedgeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectDiffsTest {
  private static final long OBJECT = 4096;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 8, 9, 1000})
  void saysTheSameAsOneDiffAfterAnother(int count) {
    ExtentList objects = objects(count);
    ExtentList expected = new ExtentList();
    objects.forEach((offset, length, zero) -> {
      if (zero) {
        expected.add(offset, length, true);
      } else {
        answer(offset, length, expected);
      }
    });

    ExtentList actual = new ExtentList();
    new ObjectDiffs(objects, ObjectDiffsTest::answer).into(actual);

    assertThat(asList(actual)).isEqualTo(asList(expected));
  }

  @Test
  void failsWithTheFailureOfAnyDiff() {
    KedgeException failure = new KedgeException(ErrorCode.SOURCE_UNREACHABLE, "no OSD answers");
    ObjectDiffs diffs =
        new ObjectDiffs(
            objects(100),
            (offset, length, into) -> {
              if (offset >= 40 * OBJECT) {
                throw failure;
              }
            });

    assertThatThrownBy(() -> diffs.into(new ExtentList())).isSameAs(failure);
  }

  // Every other object, so that none touches another.
  private static ExtentList objects(int count) {
    Random random = new Random(11);
    ExtentList objects = new ExtentList();
    for (int i = 0; i < count; i++) {
      objects.add(2L * i * OBJECT, OBJECT, random.nextInt(4) == 0);
    }
    return objects;
  }

  private static void answer(long offset, long lengthBytes, ExtentList into) {
    into.add(offset + 512, 512, false);
    into.add(offset + 2048, lengthBytes - 2048, offset % (3 * OBJECT) == 0);
  }

  private static List<String> asList(ExtentList extents) {
    List<String> list = new ArrayList<>();
    extents.forEach((offset, length, zero) -> list.add(offset + "+" + length + " " + zero));
    return list;
  }
}
