package org.svcshare.web;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.Mode;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableRules;
import org.svcshare.web.TicketWait.Manner;

/// The three calls of distributex as its users have them: `GET /get/`, `/wait/` and `/release/`
/// with `host` and `pool`, answered by a word without a line end.
///
/// The host is the identity, so the request id comes from host and pool alone.
final class Distributex implements Voice {
    private static final Buffer YES = Buffer.buffer("YES");
    private static final Buffer NO = Buffer.buffer("NO");
    private static final Buffer OK = Buffer.buffer("OK");
    private static final Buffer INVALID = Buffer.buffer("INVALID");
    private static final String ID_PREFIX = "svcshare distributex host ";

    private final Site site;

    Distributex(Site site) {
        this.site = site;
    }

    /// Who asks for what.
    private record Asked(String host, String pool, RequestId id) {}

    void get(Call call) {
        take(call, 0, Manner.HELD);
    }

    void waitFor(Call call) {
        take(call, Operation.MAX_TIME_MS, Manner.HELD_OR_GIVEN_UP);
    }

    private void take(Call call, long waitMs, Manner manner) {
        Asked asked = asked(call);
        if (asked == null) {
            say(call, INVALID);
            return;
        }
        new TicketWait(call, asked.id, "", asked.pool, this, manner, -1)
                .begin(
                        new Operation.Acquire(
                                asked.id,
                                asked.pool,
                                asked.host,
                                "",
                                Mode.EXCLUSIVE,
                                waitMs,
                                -1,
                                0,
                                true));
    }

    void release(Call call) {
        Asked asked = asked(call);
        if (asked == null || !isServer(asked)) {
            say(call, INVALID);
            return;
        }
        new Asking(
                        call,
                        (c, outcome) ->
                                say(
                                        c,
                                        outcome instanceof Outcome.Refused(Refusal why)
                                                        && (why == Refusal.UNKNOWN_POOL
                                                                || why == Refusal.INVALID)
                                                ? INVALID
                                                : OK))
                .otherwise((c, problem, why) -> broken(c, INVALID))
                .propose(new Operation.Release(asked.id, asked.pool));
    }

    /// Whether the pool is there for this host.
    private boolean isServer(Asked asked) {
        TableRules rules = site.pools().rules();
        for (PoolRules pool : rules.declared()) {
            if (pool.name().equals(asked.pool)) {
                Set<String> allow = pool.allow();
                return allow.isEmpty() || allow.contains(asked.host);
            }
        }
        return rules.undeclared() != null;
    }

    private static @Nullable Asked asked(Call call) {
        String host = call.parameter("host").text().orElse("");
        String pool = call.parameter("pool").text().orElse("");
        return host.isEmpty() || pool.isEmpty() ? null : new Asked(host, pool, id(host, pool));
    }

    private static RequestId id(String host, String pool) {
        try {
            byte[] name = (ID_PREFIX + pool + '\0' + host).getBytes(StandardCharsets.UTF_8);
            var digest =
                    java.nio.ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(name));
            return new RequestId(digest.getLong(), digest.getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void granted(TicketWait wait, Grant grant) {
        say(wait.call, YES);
    }

    @Override
    public void queued(TicketWait wait, long ticket, int ahead, long untilMs) {
        say(wait.call, NO);
    }

    @Override
    public void refused(TicketWait wait, Refusal why) {
        switch (why) {
            case BUSY, TOO_MANY_WAITERS, TOO_MANY_TICKETS, EXPIRED, TIMED_OUT, RELEASED, FORCED ->
                    say(wait.call, NO);
            case UNKNOWN_POOL, NOT_ALLOWED, NOT_OWNER, UNKNOWN_TICKET, ID_REUSED, INVALID ->
                    say(wait.call, INVALID);
        }
    }

    @Override
    public void failed(TicketWait wait, Problem problem, String why) {
        broken(wait.call, NO);
    }

    private static void say(Call call, Buffer word) {
        call.answer(200, Call.PLAIN, word);
    }

    /// distributex had no word for it; a server that is not there is the nearest.
    private static void broken(Call call, Buffer word) {
        call.answer(503, Call.PLAIN, word);
    }
}
