package org.svcshare.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.svcshare.journal.SharedLog;

/// What tests of the shared log say to it.
final class LogKit {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private LogKit() {}

    /// What became of a record.
    ///
    /// @param position 0 when it failed
    record Fate(long position, boolean surelyNot, String why) {}

    static CompletableFuture<Fate> append(SharedLog log, long term, byte[] record) {
        var fate = new CompletableFuture<Fate>();
        boolean taken =
                log.append(
                        term,
                        record,
                        new SharedLog.Appended() {
                            @Override
                            public void at(long position) {
                                fate.complete(new Fate(position, false, ""));
                            }

                            @Override
                            public void failed(boolean surelyNot, String why) {
                                fate.complete(new Fate(0, surelyNot, why));
                            }
                        });
        if (!taken) {
            fate.complete(new Fate(0, true, "no room"));
        }
        return fate.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    static CompletableFuture<Fate> append(SharedLog log, String record) {
        return append(log, log.standing().term(), record.getBytes(UTF_8));
    }

    /// Waits until a node leads what is shared.
    static SharedLog leading(TestGroup group) {
        SharedLog log = group.engine(group.leader()).sharedLog();
        await("to lead", () -> log.standing().leads());
        return log;
    }

    static void await(String what, java.util.concurrent.Callable<Boolean> wanted) {
        Awaitility.await(what).atMost(PATIENCE).pollInterval(Duration.ofMillis(5)).until(wanted);
    }

    /// Waits until the node has as many, and reads them.
    ///
    /// @param from the first one wanted
    static List<String> texts(SharedLog log, long from, long upTo) throws IOException {
        await("record " + upTo, () -> log.end() >= upTo);
        var found = new ArrayList<String>();
        long next = from;
        while (next <= upTo) {
            long expected = next;
            var positions = new ArrayList<Long>();
            long behind =
                    log.read(
                            next,
                            10_000,
                            (position, record) -> {
                                positions.add(position);
                                found.add(text(record));
                            });
            assertTrue(behind > expected, "nothing read at " + expected);
            for (int i = 0; i < positions.size(); i++) {
                assertTrue(positions.get(i) == expected + i, positions::toString);
            }
            next = behind;
        }
        return found;
    }

    static String text(ByteBuffer bytes) {
        return UTF_8.decode(bytes.duplicate()).toString();
    }
}
