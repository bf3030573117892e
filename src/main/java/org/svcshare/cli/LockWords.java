package org.svcshare.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.svcshare.config.Amounts;
import org.svcshare.lock.Ask;
import org.svcshare.pool.Mode;

/// The words of `svcshare lock POOL … -- COMMAND`, read by hand: the parser of all other commands
/// takes longer to start than taking the lock and running a command (`docs/decisions/0010`).
///
/// @param servers as written; empty: from the environment
/// @param conflictCode what to end with when the lock was not obtained in time
record LockWords(
        String pool,
        Duration waits,
        Duration ttl,
        Duration grace,
        Mode mode,
        boolean local,
        String holder,
        String reason,
        int conflictCode,
        List<String> servers,
        boolean quiet,
        List<String> command) {

    /// Those that a value follows, and those alone; [LockCommand] explains them.
    static final Set<String> WITH_VALUE =
            Set.of(
                    "--wait",
                    "--ttl",
                    "--grace",
                    "--holder",
                    "--reason",
                    "--conflict-exit-code",
                    "--server");

    static final Set<String> ALONE = Set.of("--no-wait", "--shared", "--local", "--quiet", "-q");

    /// Longest lease and grace that a server takes.
    private static final Duration LONGEST = Duration.ofDays(7);

    /// @param words behind `lock`
    /// @throws UsageException when they are not understood
    static LockWords read(List<String> words) throws UsageException {
        int end = words.indexOf("--");
        List<String> command = end < 0 ? List.of() : words.subList(end + 1, words.size());
        var reader = new Reader(end < 0 ? words : words.subList(0, end));
        if (reader.left() && reader.peek().equals("run") && reader.many()) {
            reader.next();
        }
        var pools = new ArrayList<String>();
        Duration waits = Ask.FOREVER;
        boolean waitSaid = false;
        Duration ttl = Duration.ofSeconds(60);
        Duration grace = Duration.ofSeconds(5);
        Mode mode = Mode.EXCLUSIVE;
        boolean local = false;
        boolean quiet = false;
        String holder = "";
        String reason = "";
        int conflictCode = ExitCode.NOT_OBTAINED;
        var servers = new ArrayList<String>();
        while (reader.left()) {
            String word = reader.next();
            switch (word) {
                case "--wait" -> {
                    waits = duration(word, reader.value(word), Ask.FOREVER);
                    once(waitSaid);
                    waitSaid = true;
                }
                case "--no-wait" -> {
                    waits = Duration.ZERO;
                    once(waitSaid);
                    waitSaid = true;
                }
                case "--ttl" -> {
                    ttl = duration(word, reader.value(word), LONGEST);
                    if (!ttl.isZero() && ttl.compareTo(Duration.ofSeconds(1)) < 0) {
                        throw new UsageException("--ttl: expected 1s at least, or 0");
                    }
                }
                case "--grace" -> grace = duration(word, reader.value(word), LONGEST);
                case "--shared" -> mode = Mode.SHARED;
                case "--local" -> local = true;
                case "--quiet", "-q" -> quiet = true;
                case "--holder" -> holder = reader.value(word);
                case "--reason" -> reason = reader.value(word);
                case "--conflict-exit-code" -> conflictCode = code(reader.value(word));
                case "--server" -> servers.addAll(Arrays.asList(reader.value(word).split(",", -1)));
                default -> {
                    if (word.startsWith("-")) {
                        throw new UsageException("no such option: " + word);
                    }
                    pools.add(word);
                }
            }
        }
        if (pools.isEmpty()) {
            throw new UsageException("which pool?");
        }
        if (pools.size() > 1) {
            throw new UsageException(
                    "expected one pool, found "
                            + String.join(", ", pools)
                            + "; the command stands behind --");
        }
        if (command.isEmpty()) {
            throw new UsageException("which command? It stands behind --");
        }
        return new LockWords(
                pools.getFirst(),
                waits,
                ttl,
                grace,
                mode,
                local,
                holder,
                reason,
                conflictCode,
                List.copyOf(servers),
                quiet,
                List.copyOf(command));
    }

    private static void once(boolean before) throws UsageException {
        if (before) {
            throw new UsageException("--wait and --no-wait: expected one of them, once");
        }
    }

    private static Duration duration(String option, String text, Duration longest)
            throws UsageException {
        return Amounts.duration(text)
                .filter(duration -> duration.compareTo(longest) <= 0)
                .orElseThrow(() ->
                        new UsageException(
                                option
                                        + ": expected a duration such as 30s or 1h30m of at"
                                        + " most "
                                        + longest.toDays()
                                        + "d, found "
                                        + text));
    }

    private static int code(String text) throws UsageException {
        try {
            int code = Integer.parseInt(text);
            if (code >= 0 && code <= 255) {
                return code;
            }
        } catch (NumberFormatException _) {
            // Said below.
        }
        throw new UsageException("--conflict-exit-code: expected a number from 0 to 255");
    }

    /// One word after the other; `--option=value` is two.
    private static final class Reader {
        private final List<String> words;
        private int at;
        private String rest = "";
        private boolean hasRest;

        Reader(List<String> words) {
            this.words = words;
        }

        boolean left() {
            return at < words.size() || hasRest;
        }

        boolean many() {
            return at + 1 < words.size();
        }

        String peek() {
            return words.get(at);
        }

        String next() throws UsageException {
            if (hasRest) {
                throw new UsageException("expected no value: " + words.get(at - 1));
            }
            String word = words.get(at++);
            int equals = word.indexOf('=');
            if (word.startsWith("--") && equals > 0) {
                rest = word.substring(equals + 1);
                hasRest = true;
                return word.substring(0, equals);
            }
            return word;
        }

        String value(String option) throws UsageException {
            if (hasRest) {
                hasRest = false;
                return rest;
            }
            if (at == words.size()) {
                throw new UsageException(option + ": expected a value");
            }
            return words.get(at++);
        }
    }
}
