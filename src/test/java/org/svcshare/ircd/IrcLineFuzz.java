package org.svcshare.ircd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

class IrcLineFuzz {
    /// Whatever comes in is a line or none, and what is written again is read as the same.
    @FuzzTest
    void any_bytes_are_a_line_or_none(byte[] bytes) {
        String raw = new String(bytes, StandardCharsets.ISO_8859_1);
        IrcLine.parse(raw)
                .ifPresent(line -> {
                    assertFalse(line.verb().isEmpty());
                    assertEquals(-1, line.verb().indexOf(' '));
                    assertTrue(line.params().size() <= 15);
                    for (int i = 0; i < line.params().size() - 1; i++) {
                        assertFalse(line.param(i).isEmpty());
                        assertEquals(-1, line.param(i).indexOf(' '));
                    }
                    var again = new StringBuilder(":x ").append(line.verb());
                    for (int i = 0; i < line.params().size(); i++) {
                        boolean last = i == line.params().size() - 1;
                        again.append(last ? " :" : " ").append(line.param(i));
                    }
                    var second = IrcLine.parse(again.toString()).orElseThrow();
                    assertEquals(line.verb(), second.verb());
                    assertEquals(line.params(), second.params());
                });
    }
}
