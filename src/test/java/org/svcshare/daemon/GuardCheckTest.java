package org.svcshare.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.svcshare.daemon.Finding.Verdict;
import org.svcshare.pool.RequestId;

/// A look at a guard that leaves no trace there.
@DisplayNameGeneration(ReplaceUnderscores.class)
final class GuardCheckTest {
    @ParameterizedTest
    @CsvSource({
        "uplink, , BROKEN, wants a token",
        "uplink, SECRET-none, BROKEN, does not know the token",
        "uplink, SECRET-read, BROKEN, it needs the role lock there",
        "wide, SECRET-lock, BROKEN, has 2 slots",
        "uplink, SECRET-lock, DOUBTFUL, a restart there forgets who has it",
        "new, SECRET-lock, DOUBTFUL, a restart there forgets who has it"
    })
    void given_a_server_when_looked_at_then_it_is_said_what_to_do(
            String pool, String token, Verdict verdict, String words) throws Exception {
        try (var site = LockSite.withTokens()) {
            Finding finding =
                    GuardCheck.of(LockSite.at(site.port(), pool, token)).getFirst().look();

            assertEquals(verdict, finding.verdict(), finding::toString);
            assertTrue(finding.text().contains(words), finding::toString);
            assertFalse(finding.text().contains("SECRET"), finding::toString);
            assertEquals(0, site.see(table -> table.tickets(java.util.Optional.empty(), 9)).size());
        }
    }

    @Test
    void given_a_taken_pool_when_looked_at_then_that_is_said_and_is_no_fault() throws Exception {
        try (var site = LockSite.open()) {
            site.take(new RequestId(1, 2), "uplink", Duration.ofMinutes(1));

            Finding finding = GuardCheck.of(site.pool("uplink")).getFirst().look();

            assertEquals(Verdict.DOUBTFUL, finding.verdict());
            assertTrue(finding.text().contains("is taken now"), finding::toString);
        }
    }

    @Test
    void given_an_undeclared_pool_when_those_are_refused_then_it_is_broken() throws Exception {
        try (var site = LockSite.declaredOnly()) {
            Finding finding = GuardCheck.of(site.pool("nowhere")).getFirst().look();

            assertEquals(Verdict.BROKEN, finding.verdict());
            assertTrue(finding.text().contains("declare it there"), finding::toString);
        }
    }

    @Test
    void given_servers_of_which_each_is_alone_when_looked_at_then_they_are_no_group()
            throws Exception {
        try (var site = LockSite.open();
                var other = LockSite.open()) {
            var findings =
                    GuardCheck.of(LockSite.at(List.of(site.port(), other.port()), "uplink", null))
                            .stream()
                            .map(GuardCheck::look)
                            .toList();

            assertEquals(2, findings.size());
            for (Finding finding : findings) {
                assertEquals(Verdict.BROKEN, finding.verdict(), finding::toString);
                assertTrue(finding.text().contains("servers of one group"), finding::toString);
            }
        }
    }

    @Test
    void given_nobody_when_looked_at_then_it_is_broken() throws Exception {
        int port;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Finding finding = GuardCheck.of(LockSite.at(port, "uplink", null)).getFirst().look();

        assertEquals(Verdict.BROKEN, finding.verdict());
        assertEquals(
                "cannot be asked: http://127.0.0.1:" + port + ": Connection refused",
                finding.text());
    }
}
