package org.svcshare.demo;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;

/// What a demonstration came to.
///
/// @param overlaps how often two gates were open at once
record Summary(int turns, int overlaps, List<Share> bots) {

    /// One bot's part in it.
    ///
    /// @param waitedSeconds spent with a queue and without a turn, before turns that it got
    record Share(String nick, int turns, double megabytes, double waitedSeconds) {}

    void printJson(PrintStream out) {
        out.println(JsonMapper.shared().writeValueAsString(this));
        out.flush();
    }

    void printText(PrintStream out) {
        out.println();
        out.println("bot        turns        MB   waited");
        for (Share bot : bots) {
            out.println(
                    String.format(
                            Locale.ROOT,
                            "%-10s %5d %9.1f %6.0f s",
                            bot.nick(),
                            bot.turns(),
                            bot.megabytes(),
                            bot.waitedSeconds()));
        }
        out.println(
                String.format(
                        Locale.ROOT,
                        "%d turn%s; two gates open at once: %s",
                        turns,
                        turns == 1 ? "" : "s",
                        overlaps == 0 ? "never" : overlaps + " times, which is a defect"));
        out.flush();
    }
}
