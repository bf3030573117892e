package org.svcshare.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.config.GossipSettings;
import org.svcshare.config.SettingsReader;
import org.svcshare.daemon.Finding.Verdict;
import org.svcshare.gossip.JGroupsGroup;

/// A look at a group, beside a member that runs.
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
final class GossipCheckTest {
    private static final String SECRET = "5e".repeat(32);
    private static final String ANOTHER = "a1".repeat(32);

    @TempDir private Path folder;

    private GossipSettings settings(String name, Map<String, ?> more) throws Exception {
        var given = new HashMap<String, Object>(Map.of("name", name, "listen", "127.0.0.1:0"));
        given.putAll(more);
        return SettingsReader.gossip(given, folder.resolve(name));
    }

    private JGroupsGroup member(Map<String, ?> more) throws Exception {
        return JGroupsGroup.start(
                settings("seed", more), "1", InstantSource.system(), new Random(), _ -> {});
    }

    private static List<Finding> look(GossipSettings settings) {
        return new GossipCheck(Optional.of(settings)).look();
    }

    private static void assertLast(Verdict verdict, String words, List<Finding> findings) {
        Finding last = findings.getLast();
        assertEquals(verdict, last.verdict(), findings::toString);
        assertTrue(last.text().contains(words), findings::toString);
        assertFalse(findings.toString().contains(SECRET), findings::toString);
    }

    @Test
    void given_no_gossip_when_looked_then_nothing_is_said() {
        assertEquals(List.of(), new GossipCheck(Optional.empty()).look());
    }

    @Test
    void given_no_seeds_when_looked_then_it_is_said_that_a_group_would_be_founded()
            throws Exception {
        List<Finding> findings = look(settings("anna", Map.of()));

        assertEquals(2, findings.size(), findings::toString);
        assertLast(Verdict.WELL, "founds the group svcshare", findings);
    }

    @Test
    void given_a_member_with_the_same_secret_when_looked_then_it_answers_and_has_nobody_more()
            throws Exception {
        var secret = Map.of("secret", SECRET);
        try (var seed = member(secret)) {
            var asked = new HashMap<String, Object>(secret);
            asked.put("seeds", List.of(seed.listening().toString()));

            List<Finding> findings = look(settings("anna", asked));

            assertLast(Verdict.WELL, "seed " + seed.listening() + " answers", findings);
            assertEquals(1, seed.members().size(), seed.members()::toString);
        }
    }

    @Test
    void given_another_secret_when_looked_then_that_is_said() throws Exception {
        try (var seed = member(Map.of("secret", SECRET))) {
            List<Finding> findings =
                    look(
                            settings(
                                    "anna",
                                    Map.of(
                                            "secret",
                                            ANOTHER,
                                            "seeds",
                                            List.of(seed.listening().toString()))));

            assertLast(Verdict.BROKEN, "do not believe each other", findings);
        }
    }

    @Test
    void given_a_port_that_is_taken_and_a_seed_that_is_not_there_then_both_are_said()
            throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int nobody = free();
            List<Finding> findings =
                    look(
                            settings(
                                    "anna",
                                    Map.of(
                                            "listen",
                                            "127.0.0.1:" + taken.getLocalPort(),
                                            "advertise",
                                            "192.0.2.1:5555",
                                            "plain",
                                            "true",
                                            "seeds",
                                            List.of("127.0.0.1:" + nobody, "no.such.invalid"))));

            assertEquals(
                    List.of(Verdict.BROKEN, Verdict.DOUBTFUL, Verdict.BROKEN),
                    findings.stream().map(Finding::verdict).toList(),
                    findings::toString);
            assertTrue(findings.get(1).text().contains("does it run yet?"), findings::toString);
            assertLast(Verdict.BROKEN, "there is no host of that name", findings);
        }
    }

    private static int free() throws Exception {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
