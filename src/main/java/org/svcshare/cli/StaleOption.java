package org.svcshare.cli;

import java.time.Duration;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// Whether a command is content with what one node of a group has, and what it says about that.
final class StaleOption {
    @Option(
            names = "--stale",
            description = {
                "Do not wait for the leader of a group: show what the asked node has, which may be"
                        + " out of date.",
                "Elsewhere it makes no difference."
            })
    private boolean stale;

    /// @param target path and query
    String target(String target) {
        return stale ? target + (target.contains("?") ? "&" : "?") + "stale" : target;
    }

    /// Says on the standard error how old an answer may be.
    static void tell(JsonNode json, Surroundings surroundings) {
        if (!json.path("mayBeStale").asBoolean(false)) {
            return;
        }
        JsonNode heard = json.path("leaderHeardMs");
        surroundings
                .err()
                .println(
                        "svcshare: possibly out of date: this node "
                                + (heard.isNumber()
                                        ? "heard from its group "
                                                + PoolTalk.time(Duration.ofMillis(heard.asLong()))
                                                + " ago"
                                        : "has not heard a leader since it was started")
                                + behind(json.path("entriesBehind").asLong(0)));
    }

    private static String behind(long entries) {
        return entries == 0 ? "" : " and is " + entries + " entries behind";
    }
}
