package org.svcshare.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.svcshare.lock.LockClient;
import org.svcshare.lock.LockClient.Look;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the commands that look at pools have in common: asking, and times for people.
final class PoolTalk {
    /// A little longer than the server takes at most.
    private static final Duration LONGEST_CHANGE = Duration.ofMinutes(2);

    private final Surroundings surroundings;

    /// A document as it came, or what to end with.
    record Seen(@Nullable JsonNode json, int code) {
        boolean ok() {
            return json != null;
        }

        JsonNode get() {
            return Objects.requireNonNull(json);
        }
    }

    PoolTalk(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /// Says on the standard error why there is nothing.
    Seen ask(Servers servers, String target) {
        try {
            return seen(PoolAccess.client(servers.named(), surroundings).look(target));
        } catch (PoolAccess.Unfit e) {
            return not(String.valueOf(e.getMessage()), ExitCode.CONFIGURATION);
        }
    }

    Seen force(Servers servers, long ticket) {
        try {
            LockClient client = PoolAccess.client(servers.named(), surroundings);
            return seen(client.force(ticket));
        } catch (PoolAccess.Unfit e) {
            return not(String.valueOf(e.getMessage()), ExitCode.CONFIGURATION);
        }
    }

    /// Changes the group behind the pools; waits as long as a new node needs.
    Seen change(Servers servers, String method, String target, String... namesAndTexts) {
        try {
            LockClient client = PoolAccess.client(servers.named(), surroundings);
            return seen(client.change(method, target, LONGEST_CHANGE, namesAndTexts));
        } catch (PoolAccess.Unfit e) {
            return not(String.valueOf(e.getMessage()), ExitCode.CONFIGURATION);
        }
    }

    private Seen seen(Look look) {
        return switch (look) {
            case Look.Not(var why) ->
                    not(PoolAccess.words(why), PoolAccess.code(why, ExitCode.FAILED));
            case Look.Seen(String text) -> {
                try {
                    yield new Seen(
                            JsonMapper.shared().readTree(text.isEmpty() ? "{}" : text),
                            ExitCode.OK);
                } catch (JacksonException _) {
                    yield not("the server does not speak as ours do", ExitCode.UNAVAILABLE);
                }
            }
        };
    }

    private Seen not(String why, int code) {
        surroundings.err().println("svcshare: " + why);
        return new Seen(null, code);
    }

    /// One document, on one line.
    void print(JsonNode json) {
        surroundings.out().println(json);
    }

    /// The server's clock, or ours.
    static Instant now(JsonNode json) {
        Instant now = time(json.path("now"));
        return now == null ? Instant.now() : now;
    }

    static @Nullable Instant time(JsonNode time) {
        try {
            return time.isString() ? Instant.parse(time.asString()) : null;
        } catch (DateTimeException _) {
            return null;
        }
    }

    /// `3m12s`; nothing for no time.
    static String between(@Nullable Instant from, @Nullable Instant to) {
        if (from == null || to == null) {
            return "";
        }
        Duration time = Duration.between(from, to);
        return time(time.isNegative() ? Duration.ZERO : time);
    }

    static String time(Duration time) {
        if (time.toDays() > 0) {
            return time.toDays() + "d" + time.toHoursPart() + "h";
        }
        if (time.toHours() > 0) {
            return time.toHours() + "h" + time.toMinutesPart() + "m";
        }
        if (time.toMinutes() > 0) {
            return time.toMinutes() + "m" + time.toSecondsPart() + "s";
        }
        return time.toSeconds() + "s";
    }
}
