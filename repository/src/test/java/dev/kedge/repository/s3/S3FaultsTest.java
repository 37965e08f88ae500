package dev.kedge.repository.s3;

import static dev.kedge.repository.Failures.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kedge.base.ErrorCode;
import dev.kedge.qcow2.AppendOutput.Part;
import dev.kedge.repository.LabS3;
import dev.kedge.repository.ObjectInput;
import dev.kedge.repository.ObjectOutput;
import dev.kedge.repository.StoredObject;
import dev.kedge.repository.s3.FaultProxy.Fault;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The lab's RADOS Gateway behind a network, and as a store, in trouble. */
@Tag("s3")
class S3FaultsTest {
  private static final int MIB = 1 << 20;

  /** So few and so short parts that a small object needs all kinds of them. */
  private static final PartLimits SMALL = new PartLimits(5 * MIB, 3, 11 * MIB);

  private final String location = LabS3.newLocation();
  private FaultProxy proxy;
  private S3Target target;

  @BeforeEach
  void connect() {
    proxy = new FaultProxy(LabS3.endpoint());
    target = S3Target.open(location, LabS3.options(proxy.url()), SMALL);
    target.createLocation();
  }

  @AfterEach
  void disconnect() {
    proxy.close();
  }

  private static byte[] random(int lengthBytes, long seed) {
    byte[] bytes = new byte[lengthBytes];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  private void write(String name, byte[] bytes) {
    try (ObjectOutput output = target.create(name)) {
      output.reserveHeader(1000);
      output.append(ByteBuffer.wrap(bytes, 1000, bytes.length - 1000), Part.PLAIN_CLUSTERS);
      output.writeHeader(ByteBuffer.wrap(bytes, 0, 1000));
      output.flush();
    }
  }

  /** What the store itself has, past the proxy. */
  private byte[] stored(String name, int lengthBytes) {
    S3Target direct = S3Target.open(location, LabS3.options(LabS3.endpoint()), SMALL);
    return direct.readAll(name, lengthBytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {15 * MIB, 15 * MIB + 1, 26 * MIB, 26 * MIB + 1, 60 * MIB + 12345})
  void anObjectOfMorePartsThanFitIntoMemoryIsGathered(int lengthBytes) {
    byte[] bytes = random(lengthBytes, lengthBytes);
    write("a/x", bytes);
    assertThat(stored("a/x", lengthBytes)).isEqualTo(bytes);
    assertThat(target.list("a/")).extracting(StoredObject::name).containsExactly("a/x");
    assertThat(target.sweep("a/", Instant.MAX)).as("what was left of the parts").isEmpty();
  }

  @Test
  void anObjectThatIsGivenUpWhileItIsGatheredLeavesNothing() {
    try (ObjectOutput output = target.create("a/x")) {
      output.append(ByteBuffer.allocate(33 * MIB), Part.PLAIN_CLUSTERS);
    }
    assertThat(target.isEmpty()).isTrue();
    // The part that was complete may have been copied or not: the janitor has it.
    target.sweep("a/", Instant.MAX);
    assertThat(target.sweep("a/", Instant.MAX)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void aNetworkThatBreaksAllTheTimeBreaksNothingThatIsWritten(long seed) {
    byte[] bytes = random(30 * MIB, seed);
    Random random = new Random(seed);
    proxy.faults(_ -> {
      synchronized (random) {
        return switch (random.nextInt(8)) {
          case 0 -> new Fault.Busy(503, "SlowDown");
          case 1 -> new Fault.CutRequest(random.nextInt(6 * MIB));
          case 2 -> new Fault.CutAnswer(random.nextInt(300));
          case 3 -> new Fault.Busy(500, "InternalError");
          default -> new Fault.None();
        };
      }
    });
    write("a/x", bytes);
    assertThat(target.putIfAbsent("a/m", "mine".getBytes(UTF_8))).isTrue();
    assertThat(target.putIfAbsent("a/m", "theirs".getBytes(UTF_8))).isFalse();
    target.replace("a/l", "lease".getBytes(UTF_8));
    assertThat(target.list("a/"))
        .extracting(StoredObject::name)
        .containsExactly("a/l", "a/m", "a/x");
    proxy.faults(_ -> new Fault.None());
    assertThat(stored("a/x", bytes.length)).isEqualTo(bytes);
    assertThat(stored("a/m", 10)).isEqualTo("mine".getBytes(UTF_8));
  }

  /** As a RADOS Gateway does while it clears an attempt away that was cut off. */
  @Test
  void aPartWhoseKeyTheStoreMissesForAMomentIsSentAgain() {
    byte[] bytes = random(30 * MIB, 6);
    // Parts that are sent: those of "y" itself are copied from others in the store.
    Set<String> parts = ConcurrentHashMap.newKeySet();
    proxy.faults(line ->
        line.contains(".part-") && line.contains("partNumber=") && parts.add(line)
            ? new Fault.Busy(404, "NoSuchKey")
            : new Fault.None());
    write("a/y", bytes);
    assertThat(parts).hasSizeGreaterThan(2);
    assertThat(stored("a/y", bytes.length)).isEqualTo(bytes);
  }

  @Test
  void aTransferThatBreaksGoesOnWhereItBroke() {
    byte[] bytes = random(8 * MIB, 5);
    write("x", bytes);
    Random random = new Random(5);
    AtomicInteger cuts = new AtomicInteger();
    proxy.faults(line -> {
      if (line.startsWith("GET") && cuts.incrementAndGet() % 2 == 1) {
        synchronized (random) {
          return new Fault.CutAnswer(random.nextInt(3 * MIB));
        }
      }
      return new Fault.None();
    });
    try (ObjectInput input = target.open("x")) {
      for (int at = 0; at < bytes.length; at += MIB) {
        ByteBuffer into = ByteBuffer.allocate(MIB);
        input.readFully(at, into);
        assertThat(into.flip()).isEqualTo(ByteBuffer.wrap(bytes, at, MIB));
      }
      for (int at = 0; at < bytes.length - 5000; at += 100_003) {
        ByteBuffer into = ByteBuffer.allocate(5000);
        input.readFully(at, into);
        assertThat(into.flip()).isEqualTo(ByteBuffer.wrap(bytes, at, 5000));
      }
    }
    assertThat(target.readAll("x", 8 * MIB)).isEqualTo(bytes);
    assertThat(cuts.get()).isGreaterThan(12);
  }

  @Test
  void aWriteWhoseAnswerWasLostIsOurs() {
    target.putIfAbsent("first", new byte[1]);
    AtomicInteger losses = new AtomicInteger();
    proxy.faults(line ->
        line.startsWith("PUT") && losses.incrementAndGet() == 1
            ? new Fault.CutAnswer(0)
            : new Fault.None());
    assertThat(target.putIfAbsent("m", "mine".getBytes(UTF_8))).isTrue();
    assertThat(losses.get()).isGreaterThan(1);
    assertThat(target.putIfAbsent("m", "mine".getBytes(UTF_8))).isFalse();
  }

  @Test
  void aCompletionWhoseAnswerWasLostIsDone() {
    byte[] bytes = random(12 * MIB, 6);
    AtomicInteger losses = new AtomicInteger();
    proxy.faults(line ->
        line.startsWith("POST") && line.contains("uploadId=") && losses.incrementAndGet() == 1
            ? new Fault.CutAnswer(0)
            : new Fault.None());
    write("x", bytes);
    assertThat(losses.get()).isEqualTo(2);
    assertThat(stored("x", bytes.length)).isEqualTo(bytes);
  }

  @Test
  void aStoreThatStaysBusyIsSaidToBe() {
    proxy.faults(_ -> new Fault.Busy(503, "SlowDown"));
    assertThat(assertFails(ErrorCode.TARGET_UNREACHABLE, () -> target.readAll("x", 10)))
        .hasMessageContaining("SlowDown")
        .hasMessageContaining(location)
        .hasMessageContaining(proxy.url().toString());
  }

  @Test
  void aPartThatCannotBeSentEndsTheObjectAndLeavesNothing() {
    proxy.faults(line ->
        line.contains("partNumber=2") ? new Fault.Busy(400, "BadDigest") : new Fault.None());
    byte[] bytes = random(30 * MIB, 7);
    assertThat(assertFails(ErrorCode.TARGET_UNREACHABLE, () -> write("a/x", bytes)))
        .hasMessageContaining("BadDigest")
        .hasMessageContaining(location + "/a/");
    assertThat(target.isEmpty()).isTrue();
    target.sweep("a/", Instant.MAX);
    assertThat(proxy.requests())
        .anyMatch(line -> line.startsWith("DELETE") && line.contains("uploadId"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "InvalidAccessKeyId AUTHENTICATION_FAILED AWS_ACCESS_KEY_ID",
        "ExpiredToken AUTHENTICATION_FAILED AWS_ACCESS_KEY_ID",
        "AccessDenied PERMISSION_DENIED docs/targets.md",
        "QuotaExceeded TARGET_FULL quota",
        "RequestTimeTooSkewed TARGET_UNREACHABLE clock",
        "NoSuchBucket TARGET_UNREACHABLE bucket",
        "PermanentRedirect TARGET_UNREACHABLE --s3-region",
        "NotImplemented TARGET_UNREACHABLE NotImplemented"
      })
  void eachKindOfRefusalHasItsOwnMessage(String example) {
    List<String> words = List.of(example.split(" ", 3));
    int status = words.getFirst().equals("NotImplemented") ? 501 : 403;
    proxy.faults(_ -> new Fault.Busy(status, words.getFirst()));
    assertThat(assertFails(ErrorCode.valueOf(words.get(1)), () -> target.readAll("x", 10)))
        .hasMessageContaining(words.get(2))
        .hasMessageContaining("kedge")
        .hasMessageContaining(proxy.url().toString());
    assertFails(ErrorCode.valueOf(words.get(1)), () -> target.list("a/"));
    assertFails(ErrorCode.valueOf(words.get(1)), () -> target.replace("x", new byte[1]));
  }
}
