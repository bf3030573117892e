package org.svcshare.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The wall clock of a node is set forward and back: leases last as long as they should, by the
/// clock that nobody can set.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GroupClockIT {
    /// Longer than any lease of the users.
    private static final Duration STEP = Duration.ofMinutes(10);

    @TempDir private Path folder;

    private final Map<String, SteppedClock> clocks = new HashMap<>();

    private SteppedClock clock(String node) {
        return Objects.requireNonNull(clocks.get(node));
    }

    @Test
    void given_leases_when_clocks_are_set_then_none_ends_early_or_late() throws Exception {
        FaultRounds.assumeWanted();
        try (var group = new NodeGroup(folder, 3)) {
            for (String name : group.names()) {
                var clock = new SteppedClock(folder.resolve(name + "-clock"));
                clocks.put(name, clock);
                group.environment(name, clock.environment());
            }
            FaultRounds.run(group.startAll(), this::clocksAreSet);
        }
    }

    private void clocksAreSet(NodeGroup group, LockUsers users) throws Exception {
        String first = group.leader();
        for (Duration wrong : List.of(STEP, STEP.negated(), Duration.ZERO)) {
            clock(first).wrongBy(wrong);
            users.letLeaseEnd();
            users.goOn();
        }
        String next = group.others(first).getFirst();
        leadsWhile(group, users, next, STEP);
        leadsWhile(group, users, first, STEP.negated());
        clock(next).wrongBy(Duration.ZERO);
        users.letLeaseEnd();
        clock(first).wrongBy(Duration.ZERO);
        users.letLeaseEnd();
    }

    /// A clock is set, and then its node begins to lead.
    private void leadsWhile(NodeGroup group, LockUsers users, String next, Duration wrong)
            throws Exception {
        clock(next).wrongBy(wrong);
        group.lead(next);
        users.letLeaseEnd();
        users.goOn();
        String line =
                group.process(next)
                        .err()
                        .lines()
                        .filter(each -> each.contains("leads the pools"))
                        .toList()
                        .getLast();
        Duration seen =
                Duration.between(
                        Instant.now(), Instant.parse(line.substring(0, line.indexOf(' '))));
        assertTrue(seen.minus(wrong).abs().compareTo(STEP.dividedBy(2)) < 0, line);
    }
}
