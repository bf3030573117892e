package org.svcshare.gate;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Finds the addresses of host names on virtual threads, so that no event loop waits for a name
/// server.
///
/// Safe for any thread. It remembers answers for a few seconds, failures too; the names come from
/// the settings, so their number is bounded.
final class Resolver {
    private static final long REMEMBERED_NANOS = Duration.ofSeconds(5).toNanos();

    /// @param problem empty when there are addresses
    record Answer(List<InetAddress> addresses, String problem) {}

    private record Known(Answer answer, long untilNanos) {}

    private final Map<String, Known> known = new ConcurrentHashMap<>();

    /// An address that is written out needs no name server.
    static Optional<InetAddress> literal(String host) {
        if (host.indexOf(':') < 0 && !host.matches("\\d{1,3}(\\.\\d{1,3}){3}")) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(host));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /// Calls back at once when the answer is known, otherwise later on `executor`.
    void resolve(String host, Executor executor, Consumer<Answer> then) {
        Known answer = fresh(host);
        if (answer != null) {
            then.accept(answer.answer());
            return;
        }
        Thread.ofVirtual()
                .name("resolve " + host)
                .start(() -> {
                    Answer found = lookUp(host);
                    executor.execute(() -> then.accept(found));
                });
    }

    private Answer lookUp(String host) {
        Known earlier = fresh(host);
        if (earlier != null) {
            return earlier.answer();
        }
        Answer found;
        try {
            found = new Answer(List.of(InetAddress.getAllByName(host)), "");
        } catch (UnknownHostException _) {
            found = new Answer(List.of(), "unknown host");
        }
        known.put(host, new Known(found, System.nanoTime() + REMEMBERED_NANOS));
        return found;
    }

    private @Nullable Known fresh(String host) {
        Known answer = known.get(host);
        return answer == null || System.nanoTime() - answer.untilNanos() > 0 ? null : answer;
    }
}
