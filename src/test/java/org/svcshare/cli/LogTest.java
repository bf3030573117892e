package org.svcshare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class LogTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private String logged(Level level, boolean json, boolean times, Use use) {
        var context = new LoggerContext();
        context.setMDCAdapter(new LogbackMDCAdapter());
        out.reset();
        var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        LogSetup.apply(context, level, json, times, stream);
        use.with(context);
        context.stop();
        return out.toString(StandardCharsets.UTF_8);
    }

    private interface Use {
        void with(LoggerContext context);
    }

    private static Logger gate(LoggerContext context) {
        return context.getLogger("org.svcshare.gate.NettyGate");
    }

    @Test
    void given_an_event_when_logged_as_text_then_it_is_one_line_with_its_values() {
        String line =
                logged(
                        Level.INFO,
                        false,
                        false,
                        context ->
                                gate(context)
                                        .atInfo()
                                        .addKeyValue("turn", 3)
                                        .addKeyValue("why", "two \"words\"")
                                        .log("opened"));

        assertEquals("INFO  gate: opened turn=3 why=\"two \\\"words\\\"\"\n", line);
    }

    @Test
    void given_no_journal_when_logged_then_the_time_stands_first() {
        String line = logged(Level.INFO, false, true, context -> gate(context).info("x"));

        assertTrue(line.matches("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z INFO  gate: x\n"), line);
    }

    @Test
    void given_line_ends_and_control_signs_when_logged_then_they_cannot_forge_a_line() {
        String line =
                logged(
                        Level.INFO,
                        false,
                        false,
                        context ->
                                gate(context)
                                        .atWarn()
                                        .addKeyValue("nick", "a\r\nERROR x\u001b[2J")
                                        .log("bad\nline"));

        assertEquals("WARN  gate: bad\\nline nick=\"a\\r\\nERROR x\\u001b[2J\"\n", line);
    }

    @Test
    void given_an_error_when_logged_then_its_trace_is_shown_at_debug_only() {
        Use use = context -> gate(context).atWarn().setCause(new IOException("gone")).log("lost");

        String plain = logged(Level.INFO, false, false, use);
        assertEquals("WARN  gate: lost error=\"IOException: gone\"\n", plain);

        String debug = logged(Level.DEBUG, false, false, use);
        assertTrue(debug.contains("\tat org.svcshare.cli.LogTest"), debug);
    }

    @Test
    void given_an_event_when_logged_as_json_then_any_parser_reads_it() {
        String line =
                logged(
                        Level.INFO,
                        true,
                        true,
                        context ->
                                gate(context)
                                        .atInfo()
                                        .addKeyValue("text", "\"\\\n\u0001é\ud800")
                                        .addKeyValue("time", "mine")
                                        .log("said"));

        JsonNode json = JsonMapper.shared().readTree(line);
        assertEquals(1, line.lines().count());
        assertEquals("info", json.get("level").asString());
        assertEquals("gate", json.get("component").asString());
        assertEquals("said", json.get("message").asString());
        assertEquals("mine", json.get("time_").asString());
        assertTrue(json.get("text").asString().startsWith("\"\\\n\u0001é"), line);
    }

    @Test
    void given_libraries_when_they_talk_then_only_warnings_are_kept() {
        String lines =
                logged(
                        Level.DEBUG,
                        false,
                        false,
                        context -> {
                            context.getLogger("io.netty.X").info("chatter");
                            context.getLogger("org.pircbotx.OutputRaw").info("PASS hidden");
                            context.getLogger("io.netty.X").warn("trouble");
                        });

        assertEquals("WARN  X: trouble\n", lines);
    }

    @Test
    void given_the_same_line_again_and_again_when_logged_then_it_is_limited() {
        String lines =
                logged(
                        Level.INFO,
                        false,
                        false,
                        context -> {
                            for (int i = 0; i < 100; i++) {
                                gate(context).warn("refused {}", i);
                            }
                        });

        assertEquals(20, lines.lines().count());
    }

    @Test
    void given_a_limit_when_a_new_span_begins_then_the_next_tells_how_many_were_left_out() {
        var limit = new RepeatLimit(2, Duration.ofSeconds(1));

        assertEquals(0, limit.admit("a", 1000));
        assertEquals(0, limit.admit("a", 1001));
        assertEquals(-1, limit.admit("a", 1002));
        assertEquals(-1, limit.admit("a", 1999));
        assertEquals(0, limit.admit("b", 1999));
        assertEquals(2, limit.admit("a", 2000));
        assertEquals(0, limit.admit("a", 2001));
        assertFalse(limit.admit("a", 2002) >= 0);
    }
}
