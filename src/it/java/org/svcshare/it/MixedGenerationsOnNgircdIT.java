package org.svcshare.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.daemon.Daemon;
import org.svcshare.sim.OldBot;

/// Two bots of svcshare 0.3 and two of ours in one channel of a real ngircd.
///
/// They stay for the whole class, because an old bot needs its time to begin; every test starts
/// with all gates shut and all queues empty.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Lengthy
class MixedGenerationsOnNgircdIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /// A person whose wish was overtaken by somebody's periodic look asks once more.
    private static final Duration ASK_AGAIN = Duration.ofSeconds(12);

    private static final String ANNA = "ss-anna";
    private static final String BEN = "ss-ben";
    private static final String OLD_1 = "orig-1";
    private static final String OLD_2 = "orig-2";
    private static final int LAST = Integer.MAX_VALUE;

    @TempDir private static Path folder;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private Map<String, BotFolder> ours = Map.of();
    private Map<String, OldBotOnIrc> old = Map.of();
    private Optional<IrcUser> person = Optional.empty();
    private Optional<OpenGatesWatch> gates = Optional.empty();

    private <T extends AutoCloseable> T part(T started) {
        parts.push(started);
        return started;
    }

    @BeforeAll
    void gather() throws Exception {
        Ngircd server = part(Ngircd.start(folder));
        EchoService service = part(new EchoService());
        IrcUser boss = part(IrcUser.connect(server.port, "boss", ""));
        boss.say("JOIN #usenet");
        boss.expect(" 366 ");
        person = Optional.of(boss);
        old =
                Map.of(
                        OLD_1, part(old(server, OLD_1)),
                        OLD_2, part(old(server, OLD_2)));
        String irc = "127.0.0.1:" + server.port;
        ours =
                Map.of(
                        ANNA, new BotFolder(folder, ANNA, irc, service.port(), ""),
                        BEN, new BotFolder(folder, BEN, irc, service.port(), ""));
        for (BotFolder bot : ours.values()) {
            part(Daemon.start(bot.settings()));
        }
        Map<String, BooleanSupplier> oldGates =
                Map.of(OLD_1, oldBot(OLD_1)::gateOpen, OLD_2, oldBot(OLD_2)::gateOpen);
        gates = Optional.of(part(new OpenGatesWatch(List.copyOf(ours.values()), oldGates)));

        old.values()
                .forEach(bot ->
                        bot.await(
                                "it has met all, and its first halt is over",
                                LIMIT,
                                b -> b.peers().size() == 3 && !b.halted()));
        for (String nick : ours.keySet()) {
            untilAnswers(nick, "who", "^4 bots: .*");
        }
    }

    private static OldBotOnIrc old(Ngircd server, String nick) {
        // Without auto-resume: looks of its own once a minute would take turns in mid-test.
        return OldBotOnIrc.start(
                "127.0.0.1",
                server.port,
                new OldBot.Settings("old-" + nick, nick, "#usenet", false, true));
    }

    private OldBotOnIrc oldBot(String nick) {
        return Objects.requireNonNull(old.get(nick));
    }

    private BotFolder ourBot(String nick) {
        return Objects.requireNonNull(ours.get(nick));
    }

    @AfterAll
    void part() throws Exception {
        while (!parts.isEmpty()) {
            parts.pop().close();
        }
    }

    @BeforeEach
    void begin() {
        Stream.of(OLD_1, OLD_2, ANNA, BEN).forEach(this::beginAnew);
    }

    private void beginAnew(String nick) {
        OldBotOnIrc oldBot = old.get(nick);
        if (oldBot != null && !oldBot.inChannel()) {
            return;
        }
        queue(nick, 0);
        tell(nick, "halt");
        untilSaid(nick, "Halting indefinitely\\.");
        untilShut(nick);
        tell(nick, "unhalt");
        untilSaid(nick, "Unhalted\\.");
    }

    @AfterEach
    void look() {
        old.forEach((nick, bot) -> assertEquals(Optional.empty(), bot.crashed(), nick));
        assertEquals(List.of(), gates.orElseThrow().violations());
    }

    // What the tests say.

    private IrcUser boss() {
        return person.orElseThrow();
    }

    private void tell(String nick, String command) {
        boss().say("PRIVMSG #usenet :" + nick + ": " + command);
    }

    private void untilSaid(String nick, String regex) {
        boss().expect("^:" + Pattern.quote(nick) + "!\\S+ PRIVMSG #usenet :" + regex);
    }

    private void untilAnswers(String nick, String command, String regex) {
        String[] last = {""};
        try {
            await().atMost(LIMIT)
                    .until(() -> {
                        last[0] = boss().ask(nick, command);
                        return last[0].matches(regex);
                    });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(nick + " answers to " + command + ": " + last[0], e);
        }
    }

    private void queue(String nick, int mb) {
        OldBotOnIrc oldBot = old.get(nick);
        if (oldBot != null) {
            oldBot.queue(mb);
            return;
        }
        ourBot(nick).queue(mb);
        untilAnswers(nick, "queue", mb + " MB \\+ 0 MB .*");
    }

    private boolean open(String nick) {
        OldBotOnIrc oldBot = old.get(nick);
        return oldBot != null ? oldBot.gateOpen() : ourBot(nick).gateOpen();
    }

    private boolean onlyOpen(String nick) {
        return Stream.of(OLD_1, OLD_2, ANNA, BEN).allMatch(each -> open(each) == each.equals(nick));
    }

    private void untilShut(String nick) {
        await(nick + " is shut").atMost(LIMIT).until(() -> !open(nick));
    }

    /// Asks for an election until it has ended as it must.
    private void election(String asked, String winner) {
        wins(asked, "election", winner);
    }

    private void wins(String asked, String wish, String winner) {
        for (int tries = 0; tries < 3; tries++) {
            tell(asked, wish);
            try {
                await().atMost(ASK_AGAIN).until(() -> onlyOpen(winner));
                return;
            } catch (ConditionTimeoutException _) {
                // Once more; the last time counts.
            }
        }
        var states = Stream.of(OLD_1, OLD_2, ANNA, BEN).map(nick -> nick + "=" + open(nick));
        throw new AssertionError(
                asked
                        + " was told to "
                        + wish
                        + ", "
                        + winner
                        + " must win: "
                        + states.toList()
                        + boss().seen());
    }

    /// Asks for an election until it is lost for this reason. A look that was planned when the test
    /// before had ended may take the free service first; then the bot begins anew.
    private void electionInVain(String asked, int mb, String why) {
        for (int tries = 0; tries < 3; tries++) {
            tell(asked, "election");
            await().atMost(LIMIT).until(() -> open(asked) || boss().ask(asked, "why").matches(why));
            if (!open(asked)) {
                return;
            }
            beginAnew(asked);
            queue(asked, mb);
        }
        throw new AssertionError(asked + " ran although it must lose: " + boss().seen());
    }

    @ParameterizedTest
    @ValueSource(strings = {ANNA, BEN})
    void given_the_smallest_queue_is_ours_when_one_of_ours_asks_then_it_wins(String asked) {
        queue(OLD_1, 40);
        queue(OLD_2, 30);
        queue(ANNA, 20);
        queue(BEN, 10);

        election(asked, BEN);
        tell(BEN, "status");
        untilSaid(BEN, "10 MB \\+ 0 MB queued \\(0 items\\) @ 0 KB/s \\(0 conn\\)");
    }

    @Test
    void given_a_smaller_queue_of_ours_when_an_old_bot_asks_then_ours_runs_instead() {
        queue(OLD_1, 45);
        queue(OLD_2, 30);
        queue(BEN, 10);

        // The asker loses in silence; ours then looks for itself, in its own time.
        tell(OLD_1, "election");
        untilSaid(OLD_1, "Election started\\.");
        await().atMost(LIMIT).until(() -> onlyOpen(BEN));
        assertFalse(oldBot(OLD_1).said().contains("#usenet Election won. Queue size: 45 MB."));
    }

    @Test
    void given_the_smallest_queue_is_old_when_others_ask_then_they_do_not_take_it() {
        queue(OLD_1, 5);
        queue(OLD_2, 30);
        queue(ANNA, 20);
        queue(BEN, 10);

        electionInVain(BEN, 10, "Not ours: orig-1, 5\\.0 MB against our 10\\.0\\.");
        assertTrue(onlyOpen("nobody"));

        election(OLD_1, OLD_1);
        oldBot(OLD_1).awaitSaid("Election won. Queue size: 5 MB.", LIMIT);
    }

    @Test
    void given_somebody_runs_when_a_smaller_queue_asks_then_old_and_ours_yield_to_each_other() {
        queue(OLD_1, 40);
        election(OLD_1, OLD_1);

        queue(ANNA, 30);
        election(ANNA, ANNA);
        oldBot(OLD_1).awaitSaid("Yield request received. Pausing.", LIMIT);

        queue(OLD_2, 20);
        election(OLD_2, OLD_2);
        untilSaid(ANNA, "Yield request received\\. Pausing\\.");

        queue(BEN, 10);
        election(BEN, BEN);
        queue(ANNA, 5);
        election(ANNA, ANNA);
        untilSaid(BEN, "Yield request received\\. Pausing\\.");
    }

    @Test
    void given_equal_queues_when_asked_in_turn_or_together_then_exactly_one_runs() {
        queue(OLD_1, 10);
        queue(ANNA, 10);
        queue(BEN, 10);
        election(OLD_1, OLD_1);
        election(ANNA, ANNA);
        election(BEN, BEN);

        // Both in one piece, so that their questions cross.
        boss().say("PRIVMSG #usenet :ss-anna: election", "PRIVMSG #usenet :orig-1: election");
        await().atMost(LIMIT).until(() -> onlyOpen(OLD_1) || onlyOpen(ANNA) || onlyOpen(BEN));
    }

    @Test
    void given_the_smallest_is_halted_when_others_ask_then_the_next_smallest_wins() {
        queue(OLD_1, 20);
        queue(ANNA, 30);
        queue(BEN, 10);
        tell(BEN, "halt");
        untilSaid(BEN, "Halting indefinitely\\.");
        election(OLD_1, OLD_1);
        tell(BEN, "election");
        untilSaid(BEN, "System is indefinitely halted\\.");

        tell(OLD_1, "halt 5");
        untilSaid(OLD_1, "Halting for 5 minutes\\.");
        untilShut(OLD_1);
        election(ANNA, ANNA);
        assertFalse(open(OLD_1));
    }

    @Test
    void given_a_forced_bot_when_others_ask_then_it_stays_and_another_force_moves_it() {
        queue(OLD_1, 50);
        queue(ANNA, 10);
        queue(BEN, 40);
        wins(OLD_1, "force 30", OLD_1);
        tell(ANNA, "election");
        untilAnswers(ANNA, "why", "The election failed: no answer from orig-1\\.");
        assertTrue(onlyOpen(OLD_1));

        tell(BEN, "force 40");
        untilSaid(BEN, "Resuming\\. Forced allotment: 40 MB\\.");
        await().atMost(LIMIT).until(() -> onlyOpen(BEN));
        tell(ANNA, "election");
        untilAnswers(ANNA, "why", "The election failed: no answer from ss-ben\\.");
        assertTrue(onlyOpen(BEN));

        tell(BEN, "halt");
        untilSaid(BEN, "Halting indefinitely\\.");
        election(ANNA, ANNA);
    }

    @Test
    @Order(LAST)
    void given_the_old_bots_leave_when_ours_go_on_then_they_hand_over_as_generation_2() {
        queue(OLD_1, 1);
        queue(ANNA, 40);
        queue(BEN, 10);
        election(OLD_1, OLD_1);
        old.values().forEach(OldBotOnIrc::close);
        old = Map.of();
        for (String nick : ours.keySet()) {
            untilAnswers(nick, "who", "^2 bots: .*");
        }

        tell(ANNA, "force 20");
        await().atMost(LIMIT).until(() -> open(ANNA));
        tell(ANNA, "halt");
        await().atMost(LIMIT).until(() -> !open(ANNA));
        tell(ANNA, "unhalt");
        queue(BEN, 0);
        tell(ANNA, "election");
        await().atMost(LIMIT).until(() -> open(ANNA));
        queue(BEN, 10);
        tell(BEN, "election");

        untilSaid(BEN, "\u0001SSMSG 2 4 .*\"w\":\"ss-ben\"");
        untilSaid(BEN, "\u0001SSMSG 2 5 ");
        untilSaid(ANNA, "\u0001SSMSG 2 6 ");
        await().atMost(LIMIT).until(() -> open(BEN) && !open(ANNA));
        untilAnswers(BEN, "why", "ss-ben won: .*");
    }
}
