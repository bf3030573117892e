package org.svcshare.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Members as real processes: killed, stopped and gone on, cut off, away for long.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class GossipMembersIT {
    private static final Duration LIMIT = MemberProcess.LIMIT;

    /// The settings' own, half of which a member may be silent without being thought dead.
    private static final Duration SILENT_AFTER = Duration.ofSeconds(8);

    @TempDir private Path folder;
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<MemberProcess> members = new ArrayList<>();
    private final Map<String, Integer> ports = new HashMap<>();

    @AfterEach
    void end() {
        members.forEach(MemberProcess::close);
        http.close();
    }

    private List<MemberProcess> three(String settings) throws Exception {
        int seed = RealPart.freePort();
        for (String name : List.of("anna", "ben", "cleo")) {
            int port = name.equals("anna") ? seed : RealPart.freePort();
            ports.put(name, port);
            members.add(
                    MemberProcess.here(http, folder, name, port, List.of(seed), settings).start());
        }
        MemberProcess.together(members);
        return members;
    }

    /// Waits for so many rounds more of each of them.
    private static void untilMet(List<MemberProcess> them, int rounds) {
        String metric = "svcshare_gossip_rounds_total";
        for (MemberProcess one : them) {
            double before = one.metric(metric);
            await(one.name + " met others")
                    .atMost(LIMIT)
                    .until(() -> before >= 0 && one.metric(metric) >= before + rounds);
        }
    }

    private static void allHold(List<MemberProcess> them, Map<String, String> expected) {
        for (MemberProcess one : them) {
            await(one.name + " holds " + expected)
                    .atMost(LIMIT)
                    .until(() -> one.store().equals(new TreeMap<>(expected)));
        }
    }

    private static void allSay(List<MemberProcess> them, String name, String state) {
        for (MemberProcess one : them) {
            await(one.name + " says " + name + " is " + state)
                    .atMost(LIMIT)
                    .until(() -> state.equals(one.members().get(name)));
        }
    }

    @Test
    void given_a_member_that_is_killed_when_it_is_back_then_it_has_what_it_had_and_what_it_missed()
            throws Exception {
        List<MemberProcess> all = three("");
        all.get(1).put("before", "1");
        all.get(1).put("kept/by ben", "ä");
        allHold(all, Map.of("before", "1", "kept/by ben", "ä"));

        all.get(1).process().kill();
        List<MemberProcess> rest = List.of(all.get(0), all.get(2));
        allSay(rest, "ben", "failed");
        all.get(0).put("meanwhile", "2");
        all.get(2).remove("before");
        all.get(1).start();

        MemberProcess.together(all);
        allHold(all, Map.of("kept/by ben", "ä", "meanwhile", "2"));
        assertEquals("alive", all.get(0).members().get("ben"));
    }

    @Test
    void
            given_a_member_that_is_stopped_for_half_the_time_when_it_goes_on_then_nobody_thought_it_dead()
                    throws Exception {
        List<MemberProcess> all = three("");
        MemberProcess ben = all.get(1);

        ben.process().signal("STOP");
        long end = System.nanoTime() + SILENT_AFTER.dividedBy(2).toNanos();
        all.get(0).put("while", "stopped");
        while (System.nanoTime() < end) {
            assertEquals("alive", all.get(0).members().get("ben"));
            TimeUnit.MILLISECONDS.sleep(100);
        }
        ben.process().signal("CONT");

        allHold(all, Map.of("while", "stopped"));
        for (MemberProcess one : all) {
            assertTrue(!one.process().err().contains("member-failed"), one.process().printed());
        }
    }

    @Test
    void given_a_member_that_is_silent_for_long_when_it_goes_on_then_it_is_one_of_them_again()
            throws Exception {
        List<MemberProcess> all = three("");
        MemberProcess ben = all.get(1);
        List<MemberProcess> rest = List.of(all.get(0), all.get(2));

        ben.process().signal("STOP");
        allSay(rest, "ben", "failed");
        all.get(0).put("a", "1");
        ben.process().signal("CONT");

        MemberProcess.together(all);
        ben.put("b", "2");
        allHold(all, Map.of("a", "1", "b", "2"));
    }

    @Test
    void
            given_a_member_that_was_away_for_longer_than_removals_are_remembered_when_it_is_back_then_nothing_removed_returns()
                    throws Exception {
        List<MemberProcess> all =
                three("gossip { tombstones-live = 2s, clock-ahead = 2s, interval = 200ms }");
        MemberProcess ben = all.get(1);
        // A member speaks of its own writes once it has met others often enough since its start.
        untilMet(all, 25);
        ben.put("removed", "1");
        ben.put("stays", "2");
        allHold(all, Map.of("removed", "1", "stays", "2"));
        untilMet(all, 10);

        ben.process().kill();
        all.get(0).remove("removed");
        all.get(2).put("new", "3");
        for (MemberProcess one : List.of(all.get(0), all.get(2))) {
            await("no tombstone at " + one.name)
                    .atMost(LIMIT)
                    .until(() -> one.metric("svcshare_store_tombstones") == 0);
        }
        ben.start();

        MemberProcess.together(all);
        allHold(all, Map.of("stays", "2", "new", "3"));
    }

    @Test
    void given_a_member_that_ends_in_order_when_the_others_look_then_it_left() throws Exception {
        List<MemberProcess> all = three("");

        all.get(0).process().terminate();

        assertEquals(0, all.get(0).process().exit(LIMIT));
        allSay(List.of(all.get(1), all.get(2)), "anna", "left");
        all.get(1).put("a", "1");
        allHold(List.of(all.get(1), all.get(2)), Map.of("a", "1"));
    }
}
