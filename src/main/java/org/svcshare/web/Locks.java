package org.svcshare.web;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.HttpSettings.Role;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolRules;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.RequestId;
import org.svcshare.web.LockBody.Wrong;
import org.svcshare.web.TicketWait.Manner;

/// Taking, looking after and giving back one's own lock: `/api/v1/pools/{pool}/locks`.
final class Locks {
    private static final CharSequence IDEMPOTENCY_KEY =
            HttpHeaders.createOptimized("idempotency-key");
    private static final CharSequence PREFER = HttpHeaders.createOptimized("prefer");
    private static final int POOL = 3;
    private static final int TOKEN = 5;

    private final Site site;
    private final LockBody body = new LockBody();
    private final SecureRandom random = new SecureRandom();
    private final LockAnswers answers;

    Locks(Loop loop) {
        this.site = loop.site;
        this.answers = new LockAnswers(site);
    }

    /// POST …/locks
    void acquire(Call call) {
        Optional<String> pool = call.segment(POOL);
        try {
            if (pool.isEmpty()) {
                throw new Wrong("pool: expected percent-encoded UTF-8");
            }
            body.read(call.body());
            String key = call.request.getHeader(IDEMPOTENCY_KEY);
            if (key != null) {
                body.id(key);
            }
            long longestMs = site.http().limits().longestWait().toMillis();
            if (body.waitMs > longestMs) {
                throw new Wrong("wait: expected at most " + longestMs / 1000 + "s");
            }
        } catch (Wrong e) {
            call.problem(Problem.INVALID, String.valueOf(e.getMessage()));
            return;
        }
        if (!allowed(call, pool.get())) {
            call.problem(Problem.NOT_ALLOWED, Problem.advice(Refusal.NOT_ALLOWED));
            return;
        }
        RequestId id =
                body.id == null ? new RequestId(random.nextLong(), random.nextLong()) : body.id;
        String token = body.idText == null ? id.text() : body.idText;
        String holder = body.holder;
        var acquire =
                new Operation.Acquire(
                        id,
                        pool.get(),
                        holder == null ? call.holder() : holder,
                        body.reason,
                        body.mode,
                        body.waitMs,
                        body.ttlMs,
                        body.graceMs,
                        false);
        new TicketWait(call, id, token, pool.get(), answers, manner(call.request), -1)
                .begin(acquire);
    }

    /// A holder's name is only a claim; where there are tokens the token has to be on the list too.
    private boolean allowed(Call call, String pool) {
        if (call.caller().name().isEmpty() || call.caller().may(Role.ADMIN)) {
            return true;
        }
        Set<String> allow = Set.of();
        for (PoolRules rules : site.pools().rules().declared()) {
            if (rules.name().equals(pool)) {
                allow = rules.allow();
            }
        }
        return allow.isEmpty() || allow.contains(call.caller().name());
    }

    private static Manner manner(HttpServerRequest request) {
        String accept = request.getHeader(HttpHeaders.ACCEPT);
        if (accept != null && accept.contains("text/event-stream")) {
            return Manner.STREAMED;
        }
        String prefer = request.getHeader(PREFER);
        return prefer != null && prefer.contains("respond-async") ? Manner.POLLED : Manner.HELD;
    }

    /// GET …/locks/{token}
    void look(Call call) {
        Named named = named(call);
        if (named == null) {
            return;
        }
        long waitMs = 0;
        Percent.Parameter wait = call.parameter("wait");
        if (wait.given()) {
            try {
                waitMs = LockBody.time("wait", wait.text().orElse("?"));
            } catch (Wrong e) {
                call.problem(Problem.INVALID, String.valueOf(e.getMessage()));
                return;
            }
        }
        Manner manner = waitMs == 0 ? Manner.POLLED : Manner.HELD;
        new TicketWait(call, named.id, named.id.text(), named.pool, answers, manner, waitMs).look();
    }

    /// PUT …/locks/{token}
    void renew(Call call) {
        Named named = named(call);
        if (named == null) {
            return;
        }
        try {
            body.read(call.body());
        } catch (Wrong e) {
            call.problem(Problem.INVALID, String.valueOf(e.getMessage()));
            return;
        }
        new Asking(
                        call,
                        (c, outcome) -> {
                            switch (outcome) {
                                case Outcome.Granted granted ->
                                        answers.renewed(c, named.pool, named.id.text(), granted);
                                case Outcome.Queued queued ->
                                        answers.queued(
                                                c,
                                                named.pool,
                                                named.id,
                                                queued.ticket(),
                                                queued.ahead(),
                                                queued.untilMs());
                                case Outcome.Refused(Refusal why) ->
                                        c.problem(Problem.of(why), Problem.advice(why));
                                case Outcome.Released _, Outcome.Done _ -> c.answerNothing();
                            }
                        })
                .propose(new Operation.Renew(named.id, named.pool, body.ttlMs));
    }

    /// DELETE …/locks/{token}
    void release(Call call) {
        Named named = named(call);
        if (named == null) {
            return;
        }
        new Asking(call, Asking::done).propose(new Operation.Release(named.id, named.pool));
    }

    private record Named(String pool, RequestId id) {}

    /// @return null when it was answered
    private static @Nullable Named named(Call call) {
        Optional<String> pool = call.segment(POOL);
        Optional<RequestId> id = call.segment(TOKEN).flatMap(RequestId::parse);
        if (pool.isEmpty() || id.isEmpty()) {
            call.problem(
                    Problem.INVALID,
                    "expected /pools/{pool}/locks/{token} with 32 hexadecimal digits as the token");
            return null;
        }
        return new Named(pool.get(), id.get());
    }
}
