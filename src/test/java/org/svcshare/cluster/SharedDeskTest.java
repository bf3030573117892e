package org.svcshare.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.engine.EngineKit;
import org.svcshare.journal.SharedLog;

/// Questions to the node that leads.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(120)
final class SharedDeskTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    @TempDir private Path folder;

    private static CompletableFuture<Optional<ByteBuffer>> ask(
            SharedLog log, byte[] question, Duration limit) {
        var answer = new CompletableFuture<Optional<ByteBuffer>>();
        log.ask(question, limit, answer::complete);
        return answer.orTimeout(30, TimeUnit.SECONDS);
    }

    private static Optional<String> ask(SharedLog log, String question) {
        return ask(log, question.getBytes(UTF_8), LONG).join().map(LogKit::text);
    }

    private static byte[] bytes(ByteBuffer from) {
        var bytes = new byte[from.remaining()];
        from.duplicate().get(bytes);
        return bytes;
    }

    @Test
    void given_many_questions_at_once_when_answered_in_any_order_then_each_gets_its_own()
            throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES).startAll()) {
            SharedLog leader = LogKit.leading(group);
            SharedLog other = group.engine(group.follower()).sharedLog();
            assertEquals(Optional.empty(), ask(other, "nobody answers yet"));
            var waiting = new ConcurrentLinkedQueue<Runnable>();
            leader.answerWith((question, answer) -> {
                byte[] same = bytes(question);
                waiting.add(() -> answer.accept(same));
                // The later ones first.
                if (waiting.size() == 500) {
                    List.copyOf(waiting).reversed().forEach(Runnable::run);
                }
            });
            var answers = new ArrayList<CompletableFuture<Optional<ByteBuffer>>>();
            for (int i = 0; i < 500; i++) {
                answers.add(ask(other, ("question " + i).getBytes(UTF_8), LONG));
            }
            for (int i = 0; i < 500; i++) {
                assertEquals(Optional.of("question " + i), answers.get(i).join().map(LogKit::text));
            }
        }
    }

    @Test
    void given_a_long_question_when_asked_then_the_answer_may_be_as_long() throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES).startAll()) {
            SharedLog leader = LogKit.leading(group);
            SharedLog other = group.engine(group.follower()).sharedLog();
            leader.answerWith((question, answer) -> answer.accept(bytes(question)));
            var question = new byte[other.mostRecordBytes()];
            question[question.length - 1] = 5;

            var answers = new ArrayList<CompletableFuture<Optional<ByteBuffer>>>();
            for (int i = 0; i < 4; i++) {
                answers.add(ask(other, question, LONG));
            }
            for (var answer : answers) {
                assertEquals(Optional.of(ByteBuffer.wrap(question)), answer.join());
            }
            assertThrows(
                    IllegalArgumentException.class,
                    () -> ask(other, new byte[question.length + 1], LONG));
            // More than may be unanswered.
            var held = new ConcurrentLinkedQueue<Consumer<byte @Nullable []>>();
            leader.answerWith((_, answer) -> held.add(answer));
            for (int i = 0; i < 4; i++) {
                answers.set(i, ask(other, question, LONG));
            }
            assertEquals(Optional.empty(), ask(other, "one more"));
            LogKit.await("the questions", () -> held.size() == 4);
            held.forEach(answer -> answer.accept(new byte[] {1}));
            answers.forEach(answer -> assertTrue(answer.join().isPresent()));
        }
    }

    @Test
    void given_no_answer_when_asked_then_it_says_so_within_the_limit_or_at_once() throws Exception {
        try (var group = new TestGroup(folder, 3, EngineKit.RULES).startAll()) {
            String leads = group.leader();
            SharedLog leader = LogKit.leading(group);
            SharedLog other = group.engine(group.follower()).sharedLog();
            assertEquals(Optional.empty(), ask(leader, "itself"));
            leader.answerWith((_, answer) -> answer.accept(null));
            assertEquals(Optional.empty(), ask(other, "does not lead"));
            leader.answerWith((_, _) -> {
                throw new IllegalStateException("as a test wants it");
            });
            assertEquals(Optional.empty(), ask(other, "fails"));
            var heard = new CompletableFuture<String>();
            var late = new CompletableFuture<Consumer<byte @Nullable []>>();
            leader.answerWith((question, answer) -> {
                heard.complete(LogKit.text(question));
                late.complete(answer);
            });
            assertEquals(
                    Optional.empty(),
                    ask(other, "no answer".getBytes(UTF_8), Duration.ofMillis(200)).join());
            assertEquals("no answer", heard.get(10, TimeUnit.SECONDS));
            late.get(10, TimeUnit.SECONDS).accept(new byte[] {1});

            var asked = new CompletableFuture<String>();
            leader.answerWith((question, _) -> asked.complete(LogKit.text(question)));
            var answer = ask(other, "the leader ends".getBytes(UTF_8), LONG);
            asked.get(10, TimeUnit.SECONDS);
            group.stop(leads);
            assertEquals(Optional.empty(), answer.get(10, TimeUnit.SECONDS));

            group.leader();
            var mine = new CompletableFuture<Optional<ByteBuffer>>();
            LogKit.await("another leader", () -> other.standing().leader().isPresent());
            other.ask(new byte[] {1}, Duration.ofMillis(500), mine::complete);
            assertEquals(Optional.empty(), mine.get(10, TimeUnit.SECONDS));
        }
    }

    private static boolean hangsUp(ClusterPeer peer, byte[] greeting, int length)
            throws IOException {
        try (var socket = new Socket(peer.host(), peer.handoverPort());
                var to = new DataOutputStream(socket.getOutputStream());
                var from = new DataInputStream(socket.getInputStream())) {
            socket.setSoTimeout(10_000);
            to.writeInt(greeting.length);
            to.write(greeting);
            to.writeInt(length);
            to.write(new byte[20]);
            to.flush();
            return from.read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            // A reset, or a broken pipe when it hung up before all was written.
            return true;
        }
    }

    @Test
    void given_a_caller_of_another_group_or_too_long_a_letter_when_it_calls_then_it_is_hung_up()
            throws Exception {
        try (var group = new TestGroup(folder, 1, EngineKit.RULES).startAll()) {
            ClusterPeer peer = group.peer("n0");
            SharedLog log = LogKit.leading(group);
            log.answerWith((_, answer) -> answer.accept(new byte[] {1}));

            assertTrue(hangsUp(peer, Letters.asking(UUID.randomUUID()), 20));
            assertTrue(hangsUp(peer, Letters.asking(group.id()), log.mostRecordBytes() + 2_000));
            assertTrue(hangsUp(peer, Letters.hello(group.id(), "x"), log.mostRecordBytes()));
            assertTrue(!hangsUp(peer, Letters.asking(group.id()), 20));
        }
    }
}
