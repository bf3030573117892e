package org.svcshare.web;

import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Amounts;
import org.svcshare.pool.Mode;
import org.svcshare.pool.Operation;
import org.svcshare.pool.RequestId;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/// What stands in the body of a request about a lock, read piece by piece.
///
/// One per event loop, used again for each request.
final class LockBody {
    /// A body that is not as it should be.
    static final class Wrong extends Exception {
        private static final long serialVersionUID = 1L;

        Wrong(String what) {
            super(what, null, false, false);
        }
    }

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    // Few threads, and they stay: nothing to share.
                    .recyclerPool(JsonRecyclerPools.threadLocalPool())
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(8)
                                    .maxStringLength(64 * 1024)
                                    .maxNumberLength(100)
                                    .build())
                    .build();

    @Nullable RequestId id;
    @Nullable String idText;
    long waitMs;

    /// -1: what the pool says.
    long ttlMs;

    long graceMs;
    Mode mode = Mode.EXCLUSIVE;
    @Nullable String holder;
    String reason = "";

    /// @throws Wrong with what was expected, for people
    void read(Buffer body) throws Wrong {
        id = null;
        idText = null;
        waitMs = 0;
        ttlMs = -1;
        graceMs = 0;
        mode = Mode.EXCLUSIVE;
        holder = null;
        reason = "";
        if (body.length() == 0) {
            return;
        }
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body.getBytes())) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new Wrong("expected a JSON object");
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                field(name, parser);
            }
            if (parser.nextToken() != null) {
                throw new Wrong("expected one JSON object and nothing behind it");
            }
        } catch (JacksonException e) {
            throw new Wrong("not JSON: " + e.getOriginalMessage());
        }
    }

    private void field(String name, JsonParser parser) throws Wrong {
        switch (name) {
            case "id" -> id(text(name, parser));
            case "wait" -> waitMs = time(name, parser);
            case "ttl" -> ttlMs = time(name, parser);
            case "grace" -> graceMs = time(name, parser);
            case "mode" -> mode = mode(text(name, parser));
            case "holder" -> holder = text(name, parser);
            case "reason" -> reason = text(name, parser);
            default ->
                    throw new Wrong(
                            "no such field: "
                                    + (name.length() > 40 ? name.substring(0, 40) : name)
                                    + "; there are id, wait, ttl, grace, mode, holder, reason");
        }
    }

    /// The id may also stand in a header; both must be the same.
    void id(String text) throws Wrong {
        RequestId read = id("id", text);
        if (id != null && !id.equals(read)) {
            throw new Wrong("id and Idempotency-Key are not the same");
        }
        id = read;
        idText = read.text();
    }

    static RequestId id(String name, String text) throws Wrong {
        Optional<RequestId> read = RequestId.parse(text);
        if (read.isEmpty()) {
            throw new Wrong(name + ": expected 32 hexadecimal digits");
        }
        return read.get();
    }

    private static String text(String name, JsonParser parser) throws Wrong {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw new Wrong(name + ": expected a text");
        }
        return parser.getString();
    }

    private static Mode mode(String text) throws Wrong {
        return switch (text) {
            case "exclusive" -> Mode.EXCLUSIVE;
            case "shared" -> Mode.SHARED;
            default -> throw new Wrong("mode: expected exclusive or shared");
        };
    }

    private static long time(String name, JsonParser parser) throws Wrong {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
            if (parser.getString().equals("0")) {
                return 0;
            }
            throw new Wrong(name + ": expected a duration with its unit, for instance \"30s\"");
        }
        return time(name, text(name, parser));
    }

    /// A duration of at most a week in milliseconds.
    static long time(String name, String text) throws Wrong {
        long ms = simple(text);
        if (ms < 0) {
            ms = Amounts.duration(text).map(Duration::toMillis).orElse(-1L);
        }
        if (ms < 0 || ms > Operation.MAX_TIME_MS) {
            throw new Wrong(
                    name
                            + ": expected a duration of at most 7d, for instance \"30s\" or \"1h30m\"");
        }
        return ms;
    }

    /// What nearly everybody writes: a few digits and `s`, `ms`, `m` or `h`.
    ///
    /// @return -1 for anything else
    private static long simple(String text) {
        int length = text.length();
        long number = 0;
        int i = 0;
        while (i < length && i < 9 && text.charAt(i) >= '0' && text.charAt(i) <= '9') {
            number = number * 10 + (text.charAt(i++) - '0');
        }
        if (i == 0 || length - i > 2) {
            return -1;
        }
        return switch (text.substring(i)) {
            case "" -> number == 0 ? 0 : -1;
            case "s" -> number * 1000;
            case "ms" -> number;
            case "m" -> number * 60_000;
            case "h" -> number * 3_600_000;
            default -> -1;
        };
    }
}
