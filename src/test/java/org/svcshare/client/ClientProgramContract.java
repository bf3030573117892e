package org.svcshare.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.client.FakeProgram.Trouble;
import org.svcshare.config.ClientSettings;
import org.svcshare.config.ClientSettings.ExecSettings;
import org.svcshare.config.Secret;
import org.svcshare.config.TlsSettings;
import org.svcshare.turn.QueueSnapshot;

/// What every client program promises, whatever it speaks: the same jobs give the same figures, the
/// same trouble the same kind of failure.
@DisplayNameGeneration(ReplaceUnderscores.class)
abstract class ClientProgramContract {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    /// Kept over restarts of ours.
    static final class Memory implements PausedItems {
        Set<String> ids = new LinkedHashSet<>();

        @Override
        public Set<String> load() {
            return ids;
        }

        @Override
        public void save(Set<String> ids) {
            this.ids = new LinkedHashSet<>(ids);
        }
    }

    private final Memory memory = new Memory();
    private FakeProgram fake = fake();
    private ClientProgram program = open(Optional.empty());

    abstract FakeProgram fake();

    abstract String type();

    abstract String name();

    /// Whether a single item can be paused by hand.
    boolean pausesItems() {
        return true;
    }

    /// Whether forced items load in spite of a pause.
    boolean loadsForced() {
        return false;
    }

    /// Whether the version tells that nothing is wrong with the credentials.
    boolean probeNeedsLogin() {
        return true;
    }

    boolean takesIds() {
        return false;
    }

    Secret secret(String password) {
        return new Secret(password);
    }

    @BeforeEach
    void start() {
        // Fake and program are made with the test, by its kind.
        assertEquals(0, fake.called("*"), "opening talks to nobody");
    }

    @AfterEach
    void stop() {
        program.close();
        fake.close();
    }

    static ClientSettings settings(
            String type, Optional<URI> url, String user, Optional<Secret> password) {
        boolean keyed = type.equals("sabnzbd") || type.equals("aria2");
        return new ClientSettings(
                type,
                url,
                Optional.of(user),
                keyed ? Optional.empty() : password,
                keyed ? password : Optional.empty(),
                Optional.empty(),
                TlsSettings.OFF,
                Duration.ofSeconds(10),
                TIMEOUT,
                ExecSettings.NONE);
    }

    private ClientProgram open(Optional<Secret> password) {
        return open(fake.url(), password.orElse(secret(FakeProgram.PASSWORD)));
    }

    private ClientProgram open(URI url, Secret password) {
        return ClientPrograms.open(
                settings(type(), Optional.of(url), FakeProgram.USER, Optional.of(password)),
                memory);
    }

    private void reopen() {
        program.close();
        program = open(Optional.empty());
    }

    private ClientException fails(Kind kind, Executable call) {
        var e = assertThrows(ClientException.class, call);
        String text = String.valueOf(e.getMessage());
        assertEquals(kind, e.kind(), text);
        assertFalse(text.contains(FakeProgram.PASSWORD), text);
        assertFalse(text.contains(ClientHttp.encoded(FakeProgram.PASSWORD)), text);
        assertTrue(text.chars().noneMatch(Character::isISOControl), text);
        assertTrue(text.contains("127.0.0.1"), "names where: " + text);
        return e;
    }

    private void assertQueue(double current, double rest, int items, QueueSnapshot queue) {
        assertEquals(current, queue.currentMb(), 0.01, queue.toString());
        assertEquals(rest, queue.restMb(), 0.01, queue.toString());
        assertEquals(items, queue.items(), queue.toString());
    }

    @Test
    void given_a_running_program_when_probed_then_it_tells_name_and_version() throws Exception {
        ClientProgram.Probe probe = program.probe();

        assertEquals(name(), probe.name());
        assertTrue(probe.version().matches(".*\\d.*"), probe.version());
        assertTrue(program.asked());
    }

    @Test
    void given_no_jobs_then_the_queue_is_empty() throws Exception {
        QueueSnapshot queue = program.snapshot();

        assertQueue(0, 0, 0, queue);
        assertEquals(0, queue.speedBps());
        assertEquals(0, queue.forcedMb());
        assertFalse(queue.paused());
    }

    @Test
    void given_three_jobs_then_head_rest_count_and_speed_are_told() throws Exception {
        fake.add("a", 25.5).loading = true;
        fake.add("b", 10);
        fake.add("c", 5000);
        fake.speedBps = 1024 * 600;

        QueueSnapshot queue = program.snapshot();

        assertQueue(25.5, 5010, 2, queue);
        assertEquals(1024 * 600, queue.speedBps());
        assertFalse(queue.paused());
        assertEquals(0, queue.forcedMb());
    }

    @Test
    void when_paused_then_nothing_loads_and_the_queue_still_counts() throws Exception {
        fake.add("a", 25).loading = true;
        fake.add("b", 10);

        program.pause();

        assertFalse(fake.loads());
        QueueSnapshot queue = program.snapshot();
        assertQueue(25, 10, 1, queue);
        assertTrue(queue.paused());

        program.resume();

        assertTrue(fake.loads());
        assertFalse(program.snapshot().paused());
        assertQueue(25, 10, 1, program.snapshot());
    }

    @Test
    void when_paused_twice_and_resumed_once_then_it_loads() throws Exception {
        fake.add("a", 25).loading = true;

        program.pause();
        program.pause();
        assertFalse(fake.loads());
        program.resume();
        program.resume();

        assertTrue(fake.loads());
    }

    @Test
    void given_no_jobs_when_paused_and_resumed_then_all_is_well() throws Exception {
        program.pause();
        program.resume();

        assertQueue(0, 0, 0, program.snapshot());
    }

    @Test
    void given_a_job_paused_by_hand_then_it_does_not_count_and_stays_paused_over_turns()
            throws Exception {
        Assumptions.assumeTrue(pausesItems());
        fake.add("mine", 70).stopped = true;
        fake.add("other", 10);

        for (int turn = 0; turn < 3; turn++) {
            program.pause();
            assertFalse(fake.loads());
            assertQueue(10, 0, 0, program.snapshot());
            program.resume();
            assertTrue(fake.named("mine").stopped, "turn " + turn);
            assertFalse(fake.named("other").stopped, "turn " + turn);
        }
    }

    @Test
    void given_a_restart_of_ours_between_pause_and_resume_then_only_what_we_paused_wakes()
            throws Exception {
        Assumptions.assumeTrue(pausesItems());
        fake.add("mine", 70).stopped = true;
        fake.add("other", 10);
        program.pause();

        reopen();
        program.pause();
        assertQueue(10, 0, 0, program.snapshot());
        program.resume();

        assertTrue(fake.named("mine").stopped);
        assertFalse(fake.named("other").stopped);
        assertTrue(fake.loads());
    }

    @Test
    void when_the_user_pauses_a_job_during_our_turn_then_the_next_turn_leaves_it_paused()
            throws Exception {
        Assumptions.assumeTrue(pausesItems());
        fake.add("a", 25);
        fake.add("b", 10);
        program.pause();
        program.resume();

        fake.named("a").stopped = true;
        program.pause();
        assertQueue(10, 0, 0, program.snapshot());
        program.resume();

        assertTrue(fake.named("a").stopped);
        assertFalse(fake.named("b").stopped);
    }

    @Test
    void when_the_user_wakes_or_removes_what_we_paused_then_neither_is_a_failure()
            throws Exception {
        Assumptions.assumeTrue(pausesItems());
        fake.add("woken", 25);
        fake.add("removed", 10);
        fake.add("other", 1);
        program.pause();

        fake.named("woken").stopped = false;
        fake.jobs.remove(fake.named("removed"));
        program.resume();

        assertFalse(fake.named("woken").stopped);
        assertFalse(fake.named("other").stopped);
        program.pause();
        assertFalse(fake.loads());
    }

    @Test
    void when_a_job_comes_while_paused_then_the_next_pause_holds_it_and_resume_wakes_it()
            throws Exception {
        fake.add("a", 25);
        program.pause();

        fake.add("late", 5);
        program.pause();

        assertFalse(fake.loads());
        assertEquals(30, program.snapshot().totalMb(), 0.01);
        program.resume();
        assertTrue(fake.loads());
        assertTrue(fake.jobs.stream().noneMatch(j -> j.stopped));
    }

    @Test
    void given_a_program_that_was_restarted_with_other_ids_then_it_is_paused_and_resumed_again()
            throws Exception {
        fake.add("a", 25);
        program.pause();

        fake.restart();
        fake.jobs.forEach(j -> j.id = fake.newId());
        fake.jobs.forEach(j -> j.stopped = false);
        fake.paused = false;
        program.pause();

        assertFalse(fake.loads());
        assertQueue(25, 0, 0, program.snapshot());
        program.resume();
        assertTrue(fake.loads());
    }

    @Test
    void given_a_job_of_unknown_size_then_the_queue_is_not_taken_for_empty() throws Exception {
        Assumptions.assumeTrue(!type().equals("hellanzb"), "it does not tell");
        fake.add("link", 0).unknown = true;

        assertEquals(1, program.snapshot().totalMb(), 0.01);
    }

    @Test
    void given_a_forced_job_then_it_is_told_apart_where_it_loads_in_spite_of_a_pause()
            throws Exception {
        fake.add("forced", 40).forced = true;
        fake.add("other", 10);

        assertEquals(loadsForced() ? 40 : 0, program.snapshot().forcedMb(), 0.01);
        program.pause();
        assertEquals(loadsForced(), fake.loads());
        assertEquals(50, program.snapshot().totalMb(), 0.01);
    }

    @Test
    void given_no_answer_then_it_is_unreachable_in_bounded_time() {
        fake.trouble = Trouble.SLOW;
        long began = System.nanoTime();

        ClientException e = fails(Kind.UNREACHABLE, program::snapshot);

        assertTrue(String.valueOf(e.getMessage()).contains("2 s"), e.getMessage());
        long seconds = Duration.ofNanos(System.nanoTime() - began).toSeconds();
        assertTrue(seconds < TIMEOUT.toSeconds() + 2, seconds + " s");
    }

    @Test
    void given_a_closed_connection_then_it_is_unreachable() {
        fake.trouble = Trouble.CLOSED;

        fails(Kind.UNREACHABLE, program::snapshot);
        fails(Kind.UNREACHABLE, program::pause);
        fails(Kind.UNREACHABLE, program::resume);
        fails(Kind.UNREACHABLE, () -> program.limit(1));
    }

    @Test
    void given_one_closed_connection_then_a_question_is_asked_again() throws Exception {
        fake.add("a", 25);
        fake.trouble = Trouble.CLOSED_ONCE;

        assertQueue(25, 0, 0, program.snapshot());
    }

    @Test
    void given_one_closed_connection_then_an_order_is_not_given_again() throws Exception {
        fake.add("a", 25);
        program.snapshot(); // logged in, session known
        fake.trouble = Trouble.CLOSED_ONCE;
        long before = fake.called("*");

        fails(Kind.UNREACHABLE, () -> program.enqueue(List.of("https://example.org/a")));

        assertEquals(1, fake.called("*") - before);
        assertEquals(1, fake.jobs.size());
    }

    @Test
    void given_half_a_body_then_it_is_a_failure() {
        fake.add("a", 25);
        fake.trouble = Trouble.HALF;

        var e = assertThrows(ClientException.class, program::snapshot);
        assertTrue(Set.of(Kind.UNREACHABLE, Kind.MALFORMED).contains(e.kind()), e.toString());
    }

    @Test
    void given_a_page_for_people_then_it_is_malformed_and_says_what_came() {
        fake.trouble = Trouble.HTML;

        ClientException e = fails(Kind.MALFORMED, program::snapshot);

        assertTrue(String.valueOf(e.getMessage()).contains("<!DOCTYPE html>"), e.getMessage());
        assertThrows(ClientException.class, program::probe);
        assertThrows(ClientException.class, program::pause);
    }

    @Test
    void given_an_internal_error_then_it_is_malformed() {
        fake.trouble = Trouble.ERROR_500;

        fails(Kind.MALFORMED, program::snapshot);
        fails(Kind.MALFORMED, program::pause);
    }

    @Test
    void given_garbled_answers_then_nothing_but_figures_or_a_failure_comes_of_them()
            throws Exception {
        fake.add("a", 25).loading = true;
        fake.add("b", 10);
        fake.add("c", 5).stopped = true;
        for (long seed = 0; seed < 300; seed++) {
            fake.garble(seed);
            try {
                switch ((int) (seed % 5)) {
                    case 0 -> program.probe();
                    case 1 -> program.limit(seed);
                    case 2 -> program.enqueue(List.of("https://example.org/" + seed));
                    default -> program.snapshot();
                }
            } catch (ClientException e) {
                String text = String.valueOf(e.getMessage());
                assertTrue(text.chars().noneMatch(Character::isISOControl), "seed " + seed + text);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        fake.trouble = Trouble.NONE;
        reopen(); // qBittorrent's logins rest for a while after one that was refused
        program.snapshot();
    }

    @Test
    void given_an_endless_answer_then_it_is_cut_off() {
        fake.trouble = Trouble.HUGE;

        fails(Kind.MALFORMED, program::snapshot);
    }

    @Test
    void given_nobody_there_then_it_is_unreachable() {
        URI url = fake.url();
        fake.close();
        try (ClientProgram nobody = open(url, secret(FakeProgram.PASSWORD))) {
            fails(Kind.UNREACHABLE, nobody::probe);
            fails(Kind.UNREACHABLE, nobody::pause);
        }
    }

    @Test
    void given_a_wrong_password_then_it_is_unauthorised_and_the_password_is_not_told() {
        String wrong = "wr0ng secret/&";
        try (ClientProgram stranger = open(fake.url(), secret(wrong))) {
            for (Executable call : List.<Executable>of(stranger::snapshot, stranger::pause)) {
                ClientException e = fails(Kind.UNAUTHORISED, call);
                assertFalse(String.valueOf(e.getMessage()).contains(wrong), e.getMessage());
                assertTrue(String.valueOf(e.getMessage()).contains("client."), e.getMessage());
            }
            if (probeNeedsLogin()) {
                fails(Kind.UNAUTHORISED, stranger::probe);
            }
        }
    }

    @Test
    void given_ten_thousand_jobs_then_all_are_counted_paused_and_resumed() throws Exception {
        for (int i = 0; i < 10_000; i++) {
            fake.add("job " + i, 1);
        }

        assertQueue(1, 9999, 9999, program.snapshot());
        program.pause();
        assertFalse(fake.loads());
        assertQueue(1, 9999, 9999, program.snapshot());
        program.resume();
        assertTrue(fake.jobs.stream().noneMatch(j -> j.stopped));
    }

    @Test
    void given_names_in_other_letters_and_with_line_breaks_then_nothing_changes() throws Exception {
        fake.add("Größe \u202e☃ \r\nPRIVMSG #usenet :\u0000\"quoted\" params", 25).loading = true;
        fake.add("\ud83d\ude00 </value>&amp;", 10);

        assertQueue(25, 10, 1, program.snapshot());
        program.pause();
        assertFalse(fake.loads());
    }

    @Test
    void given_a_negative_size_then_it_counts_as_nothing() throws Exception {
        fake.add("a", 0).leftText = "-5";

        double total = program.snapshot().totalMb();

        assertTrue(total >= 0 && total <= 1, total + " MB");
    }

    @Test
    void given_an_absurd_size_then_the_queue_stays_a_number() throws Exception {
        fake.add("a", 0).leftText = "9".repeat(60);

        double total = program.snapshot().totalMb();

        assertTrue(Double.isFinite(total) && total > 1e6, total + " MB");
    }

    @Test
    void given_a_size_that_is_no_number_then_it_is_malformed() {
        for (String text : List.of("NaN", "Infinity", "abc", "", "0x10", "1e9999999999999")) {
            fake.jobs.clear();
            fake.add("a", 0).leftText = text;
            fails(Kind.MALFORMED, program::snapshot);
        }
    }

    @Test
    void when_a_link_is_enqueued_then_it_is_in_the_queue_and_an_id_comes_back() throws Exception {
        String url = "https://example.org/get?x=[1]&y=\"params\"&z=ä";

        List<String> taken = program.enqueue(List.of(url));

        assertEquals(1, taken.size());
        assertFalse(taken.getFirst().isBlank());
        assertEquals(List.of(url), fake.jobs.stream().map(j -> j.name).toList());
    }

    @Test
    void when_a_link_is_enqueued_while_paused_then_it_waits_for_the_turn() throws Exception {
        program.pause();

        program.enqueue(List.of("https://example.org/a"));

        assertFalse(fake.loads());
        program.resume();
        assertTrue(fake.loads());
    }

    @Test
    void when_one_of_two_links_is_refused_then_the_other_is_told() throws Exception {
        List<String> taken =
                program.enqueue(List.of("https://example.org/refused", "https://example.org/fine"));

        assertEquals(1, taken.size());
        assertEquals(1, fake.jobs.size());
        fails(Kind.REJECTED, () -> program.enqueue(List.of("https://example.org/refused")));
    }

    @Test
    void when_what_is_enqueued_is_no_link_then_it_never_gets_to_the_program() {
        for (String id :
                List.of(
                        "/etc/passwd",
                        "file:///etc/passwd",
                        "https://example.org/\r\nX: y",
                        "https://",
                        "-rf",
                        "",
                        " ",
                        "https://example.org/" + "x".repeat(5000))) {
            var e = assertThrows(ClientException.class, () -> program.enqueue(List.of(id)), id);
            assertEquals(Kind.REJECTED, e.kind());
            assertTrue(String.valueOf(e.getMessage()).chars().noneMatch(Character::isISOControl));
        }
        assertEquals(0, fake.jobs.size());
        assertEquals(0, fake.called("*"));
    }

    @Test
    void when_a_bare_id_is_enqueued_then_only_programs_that_know_ids_get_it() throws Exception {
        if (takesIds()) {
            assertEquals(1, program.enqueue(List.of("123456")).size());
            assertEquals("123456", fake.jobs.getFirst().name);
        } else {
            assertThrows(ClientException.class, () -> program.enqueue(List.of("123456")));
        }
    }

    @Test
    void when_a_limit_is_set_then_the_program_has_it_and_0_takes_it_away() throws Exception {
        program.limit(512_000);
        assertEquals(512_000, fake.limitBps);

        program.limit(0);
        assertEquals(0, fake.limitBps);
    }

    @Test
    void when_checked_then_the_outcome_reads_well() throws Exception {
        fake.add("a", 25);

        ClientCheck.Outcome outcome = ClientCheck.run(program);

        assertTrue(outcome.ok() && outcome.letIn(), outcome.lines().toString());
        String lines = String.join("\n", outcome.lines());
        assertTrue(lines.contains(name()), lines);
        assertTrue(lines.contains("25.0 MB"), lines);
        assertTrue(lines.contains("login       ok"), lines);
    }

    @Test
    void given_a_wrong_password_when_checked_then_it_says_so() throws Exception {
        try (ClientProgram stranger = open(fake.url(), secret("wr0ng"))) {
            ClientCheck.Outcome outcome = ClientCheck.run(stranger);

            assertFalse(outcome.ok() || outcome.letIn());
            String lines = String.join("\n", outcome.lines());
            assertTrue(lines.contains("login       failed"), lines);
            assertTrue(lines.contains("problem"), lines);
        }
    }
}
