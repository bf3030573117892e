package org.svcshare.ircd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Plays lines of several connections into a core and checks after each what always has to hold.
final class SessionRules {
    private final IrcServer server;
    private final Set<Long> open = new HashSet<>();
    private Instant now = TestNetwork.T0;

    SessionRules() {
        var settings = TestSettings.plain().withAccount("alice", "pw").withMaxClients(8).ircd();
        server = new IrcServer(settings, IrcdListener.NOBODY, now);
    }

    /// @param who 0 to 15: more than the server takes
    void says(int who, String line) {
        connect(who);
        check(server.received(who, line, now));
    }

    /// A connection that is registered and in a channel.
    void settles(int who) {
        says(who, "CAP REQ :message-tags server-time labeled-response batch echo-message sasl");
        says(who, "NICK n" + who);
        says(who, "USER n" + who + " 0 * :n");
        says(who, "CAP END");
        says(who, "JOIN #a");
    }

    void leaves(int who) {
        open.remove((long) who);
        check(server.gone(who, "Connection closed", now));
    }

    void passes(Duration time) {
        now = now.plus(time);
        check(server.tick(now));
    }

    private void connect(int who) {
        if (open.add((long) who)) {
            check(server.connected(who, "::1", false, now));
        }
    }

    private void check(List<Effect> effects) {
        for (Effect effect : effects) {
            switch (effect) {
                case Effect.Send send -> check(send.line());
                case Effect.Close close -> open.remove(close.id());
            }
        }
        assertTrue(server.clients() <= 8);
    }

    private static void check(String line) {
        int tags = line.startsWith("@") ? line.indexOf(' ') + 1 : 0;
        assertTrue(tags <= 8191, line);
        assertTrue(line.length() - tags <= Wire.BODY_BYTES, line);
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            assertTrue(c != '\r' && c != '\n' && c != '\0' && c <= 0xff, line);
        }
        assertEquals(tags > 0, line.startsWith("@"));
        assertTrue(line.length() > tags, line);
    }
}
