package org.svcshare.sim;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.turn.Policy;

/// T3: with the ageing, fair-share and fifo policies nobody who has a queue is passed over for
/// ever, in groups where every queue is filled again as soon as it is empty and every turn is
/// finite.
///
/// The bounds, in turns of others between two of one's own, for n bots:
/// - fifo: n, each of the others once and one that was being decided;
/// - fair-share: n times the biggest job divided by the smallest, because whoever had the biggest
///   lets the others catch up in the smallest steps, plus n;
/// - ageing: a queue k times the smallest wins after it has waited k half-lives, plus n turns.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class FairnessTest {
    private static final double SMALL_MB = 50;
    private static final double BIG_MB = 400;
    private static final Duration HALF_LIFE = Duration.ofSeconds(60);
    private static final Duration LINGER = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofMinutes(2);
    private final Map<SimBot, Integer> passedOver = new HashMap<>();

    @ParameterizedTest
    @CsvSource({
        "FIFO, 2, 2",
        "FIFO, 5, 5",
        "FAIR_SHARE, 2, 18",
        "FAIR_SHARE, 5, 45",
        "AGEING, 2, 24",
        "AGEING, 5, 27",
    })
    void given_queues_without_end_when_hours_pass_then_nobody_is_passed_over_for_ever(
            Policy policy, int bots, int bound) {
        for (long seed = 1; seed <= 5; seed++) {
            play(policy, bots, bound, seed, Duration.ZERO);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"FIFO", "FAIR_SHARE", "AGEING"})
    void given_a_queue_too_long_for_one_turn_when_turns_are_limited_then_others_run_too(
            Policy policy) {
        for (long seed = 1; seed <= 5; seed++) {
            play(policy, 3, 27, seed, Duration.ofSeconds(60));
        }
    }

    private void play(Policy policy, int bots, int bound, long seed, Duration turnMax) {
        var sim = new Sim(seed);
        passedOver.clear();
        for (int i = 0; i < bots; i++) {
            String name = "bot-" + i;
            SimBot bot =
                    sim.newBot(
                            name,
                            SimSettings.of(name)
                                    .policy(policy)
                                    .ageingHalfLife(HALF_LIFE)
                                    .turnLinger(LINGER)
                                    .turnMax(turnMax)
                                    .build());
            bot.client.speed(10 * SimClient.MB);
            // The first always has the biggest jobs, the last the smallest.
            refill(bot, i, bots);
            passedOver.put(bot, 0);
        }

        @Nullable SimBot runs;
        for (int turn = 0; turn < 60; turn++) {
            assertTrue(
                    sim.runUntil(() -> next(sim) != null, LONGEST.multipliedBy(2)),
                    () -> "seed " + seed + ": no turn follows\n" + tail(sim));
            runs = next(sim);
            SimBot winner = runs;
            passedOver.replaceAll((bot, count) -> bot.equals(winner) ? 0 : count + 1);
            passedOver.forEach((bot, count) ->
                    assertTrue(
                            count <= bound,
                            "seed %d: %s was passed over %d times%n%s"
                                    .formatted(seed, bot.name(), count, tail(sim))));
            assertTrue(
                    sim.runUntil(() -> winner != null && !winner.gateOpen(), LONGEST),
                    () -> "seed " + seed + ": the turn does not end\n" + tail(sim));
            if (winner != null && winner.client.queueMb() == 0) {
                refill(winner, Integer.parseInt(winner.name().substring(4)), bots);
            }
        }
    }

    private static @Nullable SimBot next(Sim sim) {
        for (SimBot bot : sim.newBots()) {
            if (bot.gateOpen()) {
                return bot;
            }
        }
        return null;
    }

    private static void refill(SimBot bot, int index, int bots) {
        double mb = BIG_MB - (BIG_MB - SMALL_MB) * index / (bots - 1);
        bot.queueMb(mb);
    }

    private static String tail(Sim sim) {
        return sim.trace().last(40);
    }
}
