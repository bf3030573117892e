package org.svcshare.web;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.svcshare.pool.Effect;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableView;
import org.svcshare.pool.TicketView;
import org.svcshare.web.Voice.Grant;

/// One request that wants a lock: asks the engine, and if the ticket has to wait, waits with it.
///
/// The engine's thread leaves what it has to say in the fields that are marked so and calls the
/// event loop; everything else happens on the loop.
final class TicketWait extends Waiters.Waiter implements PoolEngine.Answer, Mailbox.Letter {
    /// How the time until the grant is spent.
    enum Manner {
        /// The request stays open; who hangs up may come back under the same id.
        HELD,
        /// The request stays open; who hangs up does not want the lock any more.
        HELD_OR_GIVEN_UP,
        /// Answered at once.
        POLLED,
        /// Events.
        STREAMED
    }

    final Call call;
    final String pool;
    final String token;
    private final Site site;
    private final Voice voice;
    private final Manner manner;

    /// How long to stay; -1: as long as the ticket waits.
    private final long stayMs;

    // Written by the engine's thread.
    private volatile @Nullable Outcome outcome;
    private volatile PoolEngine.@Nullable Failure failure;
    private volatile @Nullable Effect effect;
    private volatile boolean alone;
    private volatile boolean dismissed;

    private boolean over;
    private boolean heard;
    private boolean parked;
    private long timer = -1;
    private @Nullable EventStream stream;

    TicketWait(
            Call call,
            RequestId id,
            String token,
            String pool,
            Voice voice,
            Manner manner,
            long stayMs) {
        super(id);
        this.call = call;
        this.pool = pool;
        this.token = token;
        this.site = call.loop.site;
        this.voice = voice;
        this.manner = manner;
        this.stayMs = stayMs;
    }

    void begin(Operation operation) {
        call.whenGone(this::hungUp);
        site.waiters().join(this);
        site.engine().propose(operation, this);
    }

    /// Looks at a ticket. Costs nothing to write down unless its owner was not heard of.
    void look() {
        call.whenGone(this::hungUp);
        site.waiters().join(this);
        site.engine().read(this::standing, this::stands);
    }

    private List<Outcome> standing(TableView table) {
        return table
                .ticket(id)
                .filter(ticket -> ticket.heard() && ticket.pool().equals(pool))
                .stream()
                .map(TicketWait::standing)
                .toList();
    }

    private static Outcome standing(TicketView ticket) {
        return switch (ticket.state()) {
            case WAITING -> new Outcome.Queued(ticket.ticket(), ticket.ahead(), ticket.untilMs());
            case HELD -> new Outcome.Granted(ticket.ticket(), ticket.fence(), ticket.untilMs());
            // As a renewal is told: what is left is the time to stop.
            case UNLOCKING -> new Outcome.Refused(Refusal.EXPIRED);
        };
    }

    private void stands(@Nullable List<Outcome> known) {
        if (known == null || known.isEmpty()) {
            site.engine().propose(new Operation.Claim(id, pool), this);
        } else {
            outcome(known.getFirst());
        }
    }

    Optional<EventStream> stream() {
        return Optional.ofNullable(stream);
    }

    /// The same, begun if the client wants one and there is none yet.
    Optional<EventStream> streamForGrant() {
        if (manner == Manner.STREAMED && stream == null) {
            stream = call.stream(false).orElse(null);
        }
        return stream();
    }

    // The engine's thread.

    @Override
    void told(Effect what, boolean nobodyElse) {
        alone = nobodyElse;
        effect = what;
        // Before the outcome there is no hurry: it comes at once, and brings this with it.
        if (outcome != null || failure != null) {
            call.loop.mailbox.post(this);
        }
    }

    @Override
    public void outcome(Outcome what) {
        outcome = what;
        call.loop.mailbox.post(this);
    }

    @Override
    public void failed(PoolEngine.Failure what) {
        failure = what;
        call.loop.mailbox.post(this);
    }

    @Override
    void dismissed() {
        dismissed = true;
        call.loop.mailbox.post(this);
    }

    // The loop.

    @Override
    public void opened() {
        Effect told = effect;
        if (over) {
            lateNews(told);
        } else if (told instanceof Effect.Granted grant) {
            heard = true;
            over();
            // Who came back just then has a longer lease than the grant said.
            long untilMs = outcome instanceof Outcome.Granted now ? now.untilMs() : grant.untilMs();
            voice.granted(this, new Grant(grant.ticket(), grant.fence(), untilMs, true));
        } else if (told instanceof Effect.Ended ended) {
            over();
            voice.refused(this, refusal(ended.cause()));
        } else if (failure != null) {
            leave();
            voice.failed(this, Problem.of(failure), failure.why());
        } else if (outcome != null) {
            answered(outcome);
        } else if (dismissed) {
            leave();
            voice.failed(this, Problem.NOT_READY, whyDismissed());
        }
    }

    private String whyDismissed() {
        PoolEngine.Status pools = site.engine().status();
        return pools.ready() ? "the server stops" : pools.why();
    }

    private void answered(Outcome what) {
        switch (what) {
            case Outcome.Granted granted -> {
                // Asked for again: that also claimed it, if the first time nobody heard of it.
                leave();
                heard = true;
                voice.granted(this, grant(granted));
            }
            case Outcome.Queued queued -> park(queued);
            case Outcome.Refused(Refusal why) -> {
                leave();
                voice.refused(this, why);
            }
            case Outcome.Released _, Outcome.Done _ ->
                    throw new IllegalStateException("an acquire answered by " + what);
        }
    }

    private static Grant grant(Outcome.Granted granted) {
        return new Grant(granted.ticket(), granted.fence(), granted.untilMs(), false);
    }

    private void park(Outcome.Queued queued) {
        if (dismissed) {
            leave();
            voice.failed(this, Problem.NOT_READY, whyDismissed());
            return;
        }
        if (parked) {
            return;
        }
        parked = true;
        switch (manner) {
            case HELD -> {
                if (stayMs >= 0) {
                    timer = call.loop.vertx().setTimer(Math.max(1, stayMs), _ -> stayed(queued));
                }
            }
            case HELD_OR_GIVEN_UP -> {}
            case POLLED -> stayed(queued);
            case STREAMED -> {
                stream = call.stream(false).orElse(null);
                call.loop.positions().follow(this, queued);
            }
        }
    }

    /// The request is over although the ticket still waits.
    private void stayed(Outcome.Queued queued) {
        timer = -1;
        over();
        site.waiters().desert(this);
        voice.queued(this, queued.ticket(), queued.ahead(), queued.untilMs());
    }

    private void hungUp() {
        over();
        if (stream != null) {
            stream.lost();
        }
        if (outcome instanceof Outcome.Queued) {
            abandon();
        }
    }

    /// Nobody is here any more to hear what comes now.
    private void lateNews(@Nullable Effect told) {
        boolean granted = told instanceof Effect.Granted || outcome instanceof Outcome.Granted;
        if (granted && !heard) {
            heard = true;
            site.waiters().leave(this);
            if (alone || told == null) {
                site.engine()
                        .propose(
                                new Operation.Unheard(id, site.pools().claim().toMillis()),
                                Asking.NOBODY);
            }
        } else if (outcome instanceof Outcome.Queued) {
            abandon();
        } else if (outcome != null || failure != null) {
            site.waiters().leave(this);
        }
    }

    private void abandon() {
        if (manner != Manner.HELD_OR_GIVEN_UP) {
            site.waiters().desert(this);
        } else if (site.waiters().abandon(this)) {
            site.engine().propose(new Operation.Release(id, pool), Asking.NOBODY);
        }
    }

    private void leave() {
        over();
        site.waiters().leave(this);
    }

    private void over() {
        over = true;
        if (timer >= 0) {
            call.loop.vertx().cancelTimer(timer);
            timer = -1;
        }
        if (manner == Manner.STREAMED) {
            call.loop.positions().forget(this);
        }
    }

    private static Refusal refusal(Effect.Cause cause) {
        return switch (cause) {
            case RELEASED -> Refusal.RELEASED;
            case EXPIRED -> Refusal.EXPIRED;
            case TIMED_OUT -> Refusal.TIMED_OUT;
            case FORCED -> Refusal.FORCED;
        };
    }
}
