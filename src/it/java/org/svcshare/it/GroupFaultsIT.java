package org.svcshare.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.svcshare.it.FaultRounds.Round;

/// Pools on a group of real processes that die, stop, or do not hear each other.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GroupFaultsIT {
    /// The last takes too long for each change.
    private static final int IN_SHORT = 10;

    private static final Duration SLOW = Duration.ofMillis(20);

    /// By default Ratis would leave the group after a minute.
    private static final Duration LONG_STOP = Duration.ofSeconds(70);

    @TempDir private static Path folder;

    /// The same for all: it takes a while to start.
    private static @Nullable NodeGroup group;

    private static int groups;

    static Stream<Named<Round>> faults() {
        Stream<Named<Round>> all =
                Stream.of(
                        Named.of("leader killed", GroupFaultsIT::leaderKilled),
                        Named.of("follower killed", GroupFaultsIT::followerKilled),
                        Named.of("all killed", GroupFaultsIT::allKilled),
                        Named.of("leader stopped", GroupFaultsIT::leaderStopped),
                        Named.of("leader cut off", GroupFaultsIT::leaderCutOff),
                        Named.of("leader unheard", GroupFaultsIT::leaderUnheard),
                        Named.of("leader deaf", GroupFaultsIT::leaderDeaf),
                        Named.of("one line cut", GroupFaultsIT::oneLineCut),
                        Named.of("slow lines", GroupFaultsIT::slowLines),
                        Named.of("rolling restart", GroupFaultsIT::rollingRestart),
                        Named.of("leader stopped for long", GroupFaultsIT::leaderStoppedForLong));
        return all.limit(FaultRounds.soak() ? Long.MAX_VALUE : IN_SHORT)
                .filter(fault -> fault.getName().matches(FaultRounds.ONLY));
    }

    private static void leaderKilled(NodeGroup group, LockUsers users) throws Exception {
        String leader = group.leader();
        group.kill(leader);
        users.goOn();
        group.start(leader);
    }

    private static void followerKilled(NodeGroup group, LockUsers users) throws Exception {
        String follower = group.others(group.leader()).getFirst();
        group.kill(follower);
        users.goOn();
        group.start(follower);
    }

    private static void allKilled(NodeGroup group, LockUsers users) throws Exception {
        List<String> all = group.running();
        for (String node : all) {
            group.kill(node);
        }
        for (String node : all) {
            group.start(node);
        }
        users.goOn();
    }

    private static void leaderStopped(NodeGroup group, LockUsers users) throws Exception {
        String leader = group.leader();
        group.process(leader).signal("STOP");
        try {
            users.goOn();
        } finally {
            group.process(leader).signal("CONT");
        }
    }

    private static void leaderCutOff(NodeGroup group, LockUsers users) {
        String leader = group.leader();
        group.others(leader).forEach(other -> group.net().cut(leader, other));
        users.goOn();
        group.net().heal();
    }

    private static void leaderUnheard(NodeGroup group, LockUsers users) {
        String leader = group.leader();
        group.others(leader).forEach(other -> group.net().silence(leader, other));
        users.goOn();
        group.net().heal();
    }

    private static void leaderDeaf(NodeGroup group, LockUsers users) {
        String leader = group.leader();
        group.others(leader).forEach(other -> group.net().silence(other, leader));
        users.goOn();
        group.net().heal();
    }

    private static void oneLineCut(NodeGroup group, LockUsers users) {
        String leader = group.leader();
        group.net().cut(leader, group.others(leader).getFirst());
        users.goOn();
        group.net().heal();
    }

    private static void slowLines(NodeGroup group, LockUsers users) {
        for (String from : group.running()) {
            group.others(from).forEach(to -> group.net().delay(from, to, SLOW));
        }
        users.goOn();
        group.net().heal();
    }

    private static void rollingRestart(NodeGroup group, LockUsers users) throws Exception {
        for (String node : group.running()) {
            assertEquals(0, group.stop(node), group::toString);
            users.goOn();
            group.start(node);
            group.awaitReady();
        }
    }

    private static void leaderStoppedForLong(NodeGroup group, LockUsers users) throws Exception {
        String leader = group.leader();
        group.process(leader).signal("STOP");
        try {
            long began = System.nanoTime();
            while (System.nanoTime() - began < LONG_STOP.toNanos()) {
                users.goOn();
            }
        } finally {
            group.process(leader).signal("CONT");
        }
    }

    @ParameterizedTest
    @MethodSource("faults")
    void given_load_when_something_bad_happens_then_no_lock_is_lost_or_doubled(Round fault)
            throws Exception {
        FaultRounds.assumeWanted();
        if (group == null) {
            group = new NodeGroup(folder.resolve("group" + ++groups), 3).startAll();
        }
        try {
            FaultRounds.run(group, fault);
        } catch (AssertionError e) {
            // The next one begins with a group that is well.
            end();
            throw e;
        }
    }

    @AfterAll
    static void end() throws IOException {
        if (group != null) {
            group.close();
            group = null;
        }
    }
}
