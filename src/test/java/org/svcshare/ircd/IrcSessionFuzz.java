package org.svcshare.ircd;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

class IrcSessionFuzz {
    /// Whole sessions: each line begins with a byte that says who speaks, or that time passes.
    @FuzzTest
    void no_session_breaks_the_server(byte[] bytes) {
        var session = new SessionRules();
        session.settles(0);
        session.settles(1);
        for (String line : new String(bytes, StandardCharsets.ISO_8859_1).split("\n", -1)) {
            if (line.isEmpty()) {
                continue;
            }
            int who = line.charAt(0) & 0x0f;
            switch (line.charAt(0) >> 4) {
                case 0 -> session.leaves(who);
                case 1 -> session.passes(Duration.ofSeconds(who));
                default -> session.says(who, Wire.cut(line.substring(1), 4606));
            }
        }
    }
}
