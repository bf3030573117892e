package org.svcshare.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.config.ClientSettings.ExecSettings;
import org.svcshare.turn.QueueSnapshot;

@DisplayNameGeneration(ReplaceUnderscores.class)
final class ExecTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    @TempDir Path folder = Path.of("");

    private static List<String> shell(String script) {
        return List.of("/bin/sh", "-c", script, "sh");
    }

    private static ClientProgram queue(String script) {
        return queue(script, TIMEOUT);
    }

    private static ClientProgram queue(String script, Duration timeout) {
        return new Exec(new ExecSettings(shell(script), List.of(), List.of(), List.of()), timeout);
    }

    private static Kind kindOf(ClientProgram program) {
        return assertThrows(ClientException.class, program::snapshot).kind();
    }

    @Test
    void given_a_number_then_it_is_the_queue_in_MB() throws Exception {
        assertEquals(new QueueSnapshot(12.5, 0, 0, 0, false, 0), queue("echo ' 12.5 '").snapshot());
    }

    @Test
    void given_an_object_then_its_members_are_the_queue() throws Exception {
        String json =
                "{\"currentMb\":1.5,\"restMb\":\"20\",\"items\":3,\"speedBps\":1000,\"paused\":true}";

        assertEquals(
                new QueueSnapshot(1.5, 20, 3, 1000, true, 0),
                queue("echo '" + json + "'").snapshot());
    }

    @Test
    void given_nonsense_then_it_is_malformed() {
        for (String text : List.of("", "abc", "NaN", "{}", "[1]", "{\"currentMb\":", "1 2")) {
            assertEquals(Kind.MALFORMED, kindOf(queue("echo '" + text + "'")), text);
        }
    }

    @Test
    void given_a_negative_number_then_the_queue_is_empty() throws Exception {
        assertEquals(0, queue("echo -- -5 | cut -c4-").snapshot().totalMb());
    }

    @Test
    void given_an_exit_other_than_0_then_it_is_refused_with_its_first_line() {
        var e =
                assertThrows(
                        ClientException.class,
                        queue("printf 'no\\tway\\nmore' >&2; exit 3")::snapshot);

        assertEquals(Kind.REJECTED, e.kind());
        assertEquals("client.exec.queue: exit 3: no way", e.getMessage());
    }

    @Test
    void given_a_command_that_never_ends_then_it_is_ended_with_its_children() throws Exception {
        Path pid = folder.resolve("pid");
        ClientProgram program =
                queue("sleep 600 & echo $! > " + pid + "; wait; echo 5", Duration.ofMillis(500));

        assertEquals(Kind.UNREACHABLE, kindOf(program));
        long child = Long.parseLong(Files.readString(pid).strip());
        Awaitility.await()
                .until(() -> ProcessHandle.of(child).map(handle -> !handle.isAlive()).orElse(true));
    }

    @Test
    void given_output_without_end_then_it_is_cut_off() {
        assertEquals(Kind.MALFORMED, kindOf(queue("yes 1234567890")));
    }

    @Test
    void given_complaints_without_end_and_a_number_then_the_number_counts() throws Exception {
        ClientProgram program = queue("head -c 1000000 /dev/zero >&2; echo 7");

        assertEquals(7, program.snapshot().totalMb());
    }

    @Test
    void given_a_child_left_behind_with_the_output_open_then_nobody_waits_for_it()
            throws Exception {
        ClientProgram program = queue("sleep 3 & echo 9");
        long began = System.nanoTime();

        assertEquals(9, program.snapshot().totalMb());
        assertTrue(Duration.ofNanos(System.nanoTime() - began).toMillis() < 2500);
    }

    @Test
    void given_no_such_program_then_it_is_unreachable() {
        var program =
                new Exec(
                        new ExecSettings(
                                List.of("/no/such/program"), List.of(), List.of(), List.of()),
                        TIMEOUT);

        assertEquals(Kind.UNREACHABLE, kindOf(program));
    }

    @Test
    void given_no_commands_then_nothing_is_asked_and_nothing_can_be_steered() throws Exception {
        var program = new Exec(ExecSettings.NONE, TIMEOUT);

        assertFalse(program.asked());
        assertEquals(QueueSnapshot.EMPTY, program.snapshot());
        for (var call :
                List.<Executable>of(
                        program::pause,
                        program::resume,
                        () -> program.enqueue(List.of("1")),
                        () -> program.limit(1))) {
            assertEquals(Kind.UNSUPPORTED, assertThrows(ClientException.class, call).kind());
        }
    }

    @Test
    void when_paused_and_resumed_then_the_commands_run_and_the_queue_tells() throws Exception {
        Path log = folder.resolve("log");
        var program =
                new Exec(
                        new ExecSettings(
                                shell("echo 5"),
                                shell("echo pause >> " + log),
                                shell("echo resume >> " + log),
                                List.of()),
                        TIMEOUT);

        program.pause();
        assertTrue(program.snapshot().paused());
        program.resume();
        assertFalse(program.snapshot().paused());
        assertEquals(List.of("pause", "resume"), Files.readAllLines(log));
    }

    @Test
    void when_enqueued_then_ids_are_arguments_and_no_shell_sees_them() throws Exception {
        Path log = folder.resolve("log");
        var program =
                new Exec(
                        new ExecSettings(
                                List.of(),
                                List.of(),
                                List.of(),
                                shell("printf '%s\\n' \"$1\" >> " + log)),
                        TIMEOUT);
        String nasty = "a; touch /x $(id) `id` 'b'";

        assertEquals(List.of(nasty, "2"), program.enqueue(List.of(nasty, "2")));

        assertEquals(List.of(nasty, "2"), Files.readAllLines(log));
        for (String id : List.of("-rf", "--help", "a\nb", "")) {
            assertThrows(ClientException.class, () -> program.enqueue(List.of(id)), id);
        }
    }
}
