package org.svcshare.sim;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/// Many random histories, side by side on all cores.
///
/// The same ones every day, so that a red run means that a change broke something; an exploration
/// draws others. `-Dsim.histories=N` plays more or fewer, `-Dsim.draw=fresh` others each time,
/// `-Dsim.draw=N` those of that draw, `-Dsim.seed=N` repeats one.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RandomHistoriesTest {
    private static final String EVERYDAY = "20261121";
    private static final int SHOWN = 8;
    private static final int SEEDS = 12;

    @Test
    void given_any_group_and_any_fate_when_played_then_every_promise_holds() {
        playAll(History::play, Integer.getInteger("sim.histories", 10_000));
    }

    /// Fewer of them: what is decided is the same, only what carries it differs.
    @Test
    void given_any_group_of_members_and_any_fate_when_played_then_every_promise_holds() {
        playAll(History::playOverGossip, Integer.getInteger("sim.histories", 3_000));
    }

    private static void playAll(LongConsumer play, int histories) {
        String seed = System.getProperty("sim.seed", "");
        if (!seed.isBlank()) {
            play.accept(Long.parseLong(seed.strip()));
            return;
        }
        long[] seeds = draw().longs(histories).map(l -> l >>> 16).toArray();
        var broken = new ConcurrentSkipListMap<Long, Throwable>();
        LongStream.of(seeds)
                .parallel()
                .forEach(played -> {
                    try {
                        play.accept(played);
                    } catch (AssertionError | RuntimeException e) {
                        broken.put(played, e);
                    }
                });
        if (!broken.isEmpty()) {
            fail(
                    "%d of %d histories broke a promise; repeat one with -Dsim.seed=N\n%s"
                            .formatted(broken.size(), histories, told(broken)));
        }
    }

    private static SplittableRandom draw() {
        String draw = System.getProperty("sim.draw", EVERYDAY);
        return draw.equals("fresh")
                ? new SplittableRandom()
                : new SplittableRandom(Long.parseLong(draw));
    }

    /// How many of each kind, and one story for each of the most frequent.
    private static String told(Map<Long, Throwable> broken) {
        Map<String, List<Map.Entry<Long, Throwable>>> kinds =
                broken.entrySet().stream()
                        .collect(
                                Collectors.groupingBy(entry ->
                                        kind(String.valueOf(entry.getValue().getMessage()))));
        return kinds.entrySet().stream()
                .sorted(Comparator.comparingInt(kind -> -kind.getValue().size()))
                .limit(SHOWN)
                .map(kind -> kind.getValue().size() + " of: " + story(kind.getValue()))
                .collect(Collectors.joining("\n"));
    }

    /// The first in full, and the seeds of some more.
    private static String story(List<Map.Entry<Long, Throwable>> alike) {
        return alike.getFirst().getValue().getMessage()
                + "the same with the seeds "
                + alike.stream().limit(SEEDS).map(Map.Entry::getKey).toList();
    }

    /// The first line of a message with names and numbers taken out.
    private static String kind(String message) {
        return message.lines()
                .findFirst()
                .orElse("")
                .replaceAll("\\b(old-)?[a-f](-\\d+)?_*\\b|\\d+|mean", "#");
    }
}
