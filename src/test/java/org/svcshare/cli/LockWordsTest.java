package org.svcshare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.lock.Ask;
import org.svcshare.pool.Mode;
import picocli.CommandLine;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class LockWordsTest {
    private static LockWords read(String line) throws UsageException {
        return LockWords.read(List.of(line.split(" ", -1)));
    }

    @Test
    void given_only_a_pool_when_read_then_it_waits_for_ever_as_flock_does() throws Exception {
        LockWords words = read("build -- make -j4 -- x");

        assertEquals(
                new LockWords(
                        "build",
                        Ask.FOREVER,
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(5),
                        Mode.EXCLUSIVE,
                        false,
                        "",
                        "",
                        75,
                        List.of(),
                        false,
                        List.of("make", "-j4", "--", "x")),
                words);
    }

    @Test
    void given_every_option_when_read_then_each_counts_before_and_behind_the_pool()
            throws Exception {
        LockWords words =
                read(
                        "--wait=30s --shared build --ttl 1h30m --grace 0 --local --holder anna"
                                + " --reason=a=b --conflict-exit-code 0 -q"
                                + " --server one,https://two/x --server three -- true");

        assertEquals(
                new LockWords(
                        "build",
                        Duration.ofSeconds(30),
                        Duration.ofMinutes(90),
                        Duration.ZERO,
                        Mode.SHARED,
                        true,
                        "anna",
                        "a=b",
                        0,
                        List.of("one", "https://two/x", "three"),
                        true,
                        List.of("true")),
                words);
    }

    @Test
    void given_a_pool_named_like_a_word_of_ours_when_read_then_it_is_the_pool() throws Exception {
        assertEquals("build", read("run build -- true").pool());
        assertEquals("run", read("run -- true").pool());
        assertEquals("run", read("run run -- true").pool());
        assertEquals("why", read("why -- true").pool());
    }

    @Test
    void given_the_help_when_compared_then_it_has_the_options_that_are_read() {
        var explained =
                new TreeSet<>(
                        new CommandLine(new LockCommand()).getCommandSpec().optionsMap().keySet());
        var readable = new TreeSet<>(LockWords.WITH_VALUE);
        readable.addAll(LockWords.ALONE);

        assertEquals(explained, readable);
        for (String option : LockWords.WITH_VALUE) {
            var e = assertThrows(UsageException.class, () -> read("build " + option + " -- true"));
            assertTrue(String.valueOf(e.getMessage()).startsWith(option), e.getMessage());
        }
        for (String option : LockWords.ALONE) {
            assertThrows(UsageException.class, () -> read("build " + option + "=1 --x -- true"));
        }
    }

    @Test
    void given_the_words_of_distributex_when_read_then_they_mean_what_its_help_says()
            throws Exception {
        assertEquals(
                new DistributexWords(Optional.of("h"), 99, "p", true, "echo a b"),
                DistributexWords.read(List.of("-H", "h", "-r", "p", "-p", "99", "-l", "echo a b")));
        assertEquals(
                new DistributexWords(Optional.of("h"), 9889, "p", true, "puppet -t"),
                DistributexWords.read(List.of("-lHh", "-rp", "--", "puppet", "-t")));
        assertEquals(
                new DistributexWords(Optional.empty(), 9889, "p", false, "x"),
                DistributexWords.read(List.of("-r", "p", "x")));
    }
}
