package org.svcshare.bot;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.svcshare.gate.Moment;
import org.svcshare.pool.Refusal;
import org.svcshare.pool.RequestId;
import org.svcshare.turn.TurnEvent;

/// Gets the lease that a gate is open under, renews it and gives it back.
///
/// Until when the lease is good is counted from the moment *before* a renewal was sent, because its
/// keeper counts from when it heard of it, which is later; and a tenth and 250 ms less, because two
/// clocks do not run alike ([Moment#APART] goes unnoticed). Only a renewal says it: of an acquire
/// that was repeated nobody here knows when it was granted.
///
/// Not thread-safe; the owning loop is the only caller, and gets the answers, too.
public final class LeaseKeeper {
    private static final Duration CLOCKS_APART = Moment.APART;

    /// A lock's keeper holds a place for a while only for somebody who does not ask.
    private static final Duration LONGEST_AWAY = Duration.ofSeconds(1);

    private static final String NOT_RENEWED = "it could not be renewed in time";

    private final Lock lock;
    private final Duration lease;
    private final Duration good;
    private final Duration renewEvery;
    private final Duration retryEvery;
    private final Duration silence;
    private final Executor loop;
    private final Supplier<Moment> clock;
    private final Supplier<RequestId> ids;
    private final Listener listener;
    private final List<Parting> partings = new ArrayList<>();
    private @Nullable Claim claim;

    /// Told on the owning loop, as the last thing that a call does.
    public interface Listener {
        /// @param event [TurnEvent.GuardGranted], [TurnEvent.GuardAwaited] or [TurnEvent.GuardLost]
        void happened(TurnEvent event);

        /// The lease of an open gate is good until then.
        void extended(Moment until);
    }

    private enum Stage {
        /// In the queue, or not even there.
        ASKING,
        /// The lock is ours, but nobody knows since when.
        CONFIRMING,
        HELD,
        /// It was told that the lease is lost; what is left is to give it back.
        OVER
    }

    /// What this bot wants or has for one turn.
    private static final class Claim {
        final long turn;
        final Lock.Wanted wanted;
        RequestId id;
        Stage stage = Stage.ASKING;
        Moment next;
        Moment answered;
        Moment until;
        long fence;

        /// Why the last question had no answer; empty when it had one.
        String silent = "";

        Claim(long turn, Lock.Wanted wanted, RequestId id, Moment now) {
            this.turn = turn;
            this.wanted = wanted;
            this.id = id;
            next = now;
            answered = now;
            until = now;
        }
    }

    /// A lock that is given back, said again until somebody has heard it.
    private static final class Parting {
        final RequestId id;
        final Moment end;
        Moment next;

        Parting(RequestId id, Moment next, Moment end) {
            this.id = id;
            this.next = next;
            this.end = end;
        }
    }

    /// @param loop runs what it is given on the owning loop, later
    /// @param ids draws ids that nobody can guess
    public LeaseKeeper(
            Guard guard,
            Executor loop,
            Supplier<Moment> clock,
            Supplier<RequestId> ids,
            Listener listener) {
        this.lock = guard.lock();
        this.lease = guard.lease();
        this.loop = loop;
        this.clock = clock;
        this.ids = ids;
        this.listener = listener;
        good = lease.minus(lease.dividedBy(10)).minus(CLOCKS_APART);
        renewEvery = lease.dividedBy(3);
        retryEvery = shorter(lease.dividedBy(15), LONGEST_AWAY);
        silence = lease.multipliedBy(2);
    }

    /// Asks until the lease is there, or until [#release].
    ///
    /// @param holder who asks, for people
    public void acquire(long turn, String holder) {
        letGo();
        var wanted = new Lock.Wanted(holder, "turn " + turn, lease);
        claim = new Claim(turn, wanted, ids.get(), clock.get());
        onTime();
    }

    /// Gives the lease back, or asks for it no more.
    public void release() {
        letGo();
        onTime();
    }

    private void letGo() {
        Claim ended = claim;
        claim = null;
        if (ended != null) {
            Moment now = clock.get();
            partings.add(new Parting(ended.id, now, now.plus(silence)));
        }
    }

    /// The gate has closed by itself, so it does not matter any more how the lease fares.
    public void lapsed() {
        Claim held = claim;
        if (held != null && held.stage == Stage.HELD) {
            over(held, because(held, NOT_RENEWED));
        }
    }

    /// Until when a gate may be open; empty without a lease.
    public Optional<Moment> until() {
        return claim == null || claim.stage != Stage.HELD
                ? Optional.empty()
                : Optional.of(claim.until);
    }

    /// Nothing is held, waited for or about to be given back.
    public boolean atRest() {
        return claim == null && partings.isEmpty();
    }

    /// How long until [#onTime] wants to be called; `most` when there is no need before.
    public Duration untilNext(Duration most) {
        Moment now = clock.get();
        Duration least = most;
        for (Parting parting : partings) {
            least = shorter(least, parting.next.from(now));
        }
        Claim wanted = claim;
        if (wanted != null && wanted.stage != Stage.OVER) {
            least = shorter(least, wanted.next.from(now));
            least = shorter(least, end(wanted).from(now));
        }
        return least.isNegative() ? Duration.ZERO : least;
    }

    /// When a claim is lost if nothing comes of it.
    private Moment end(Claim wanted) {
        return wanted.stage == Stage.HELD ? wanted.until : wanted.answered.plus(silence);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /// Does what is due.
    public void onTime() {
        Moment now = clock.get();
        partings.removeIf(parting -> due(parting.end, now));
        for (Parting parting : List.copyOf(partings)) {
            if (due(parting.next, now)) {
                parting.next = now.plus(renewEvery);
                lock.release(parting.id, answer -> loop.execute(() -> parted(parting, answer)));
            }
        }
        Claim wanted = claim;
        if (wanted == null || wanted.stage == Stage.OVER) {
            return;
        }
        if (wanted.stage == Stage.HELD && wanted.until.reachedAt(now)) {
            over(wanted, because(wanted, NOT_RENEWED));
        } else if (wanted.stage != Stage.HELD && due(end(wanted), now)) {
            over(wanted, because(wanted, "the lock service does not answer"));
        } else if (due(wanted.next, now)) {
            ask(wanted, now);
        }
    }

    /// For what may as well happen a little earlier or later: the monotonic clock alone.
    private static boolean due(Moment moment, Moment now) {
        return !moment.from(now).isPositive();
    }

    private void ask(Claim wanted, Moment now) {
        RequestId id = wanted.id;
        if (wanted.stage == Stage.ASKING) {
            // Longer than the wait that is asked for.
            wanted.next = now.plus(renewEvery.multipliedBy(2));
            lock.acquire(
                    id,
                    wanted.wanted,
                    renewEvery,
                    answer -> loop.execute(() -> acquired(wanted, id, answer)));
        } else {
            wanted.next = now.plus(renewEvery);
            lock.renew(id, lease, answer -> loop.execute(() -> renewed(wanted, id, now, answer)));
        }
    }

    private void acquired(Claim wanted, RequestId id, Lock.Answer answer) {
        if (wanted != claim || wanted.stage != Stage.ASKING || !id.equals(wanted.id)) {
            return;
        }
        Moment now = clock.get();
        switch (answer) {
            case Lock.Answer.Held(long fence) -> {
                wanted.answered = now;
                wanted.stage = Stage.CONFIRMING;
                wanted.fence = fence;
                ask(wanted, now);
            }
            case Lock.Answer.Waits(String holder) ->
                    awaited(wanted, now, holder.isEmpty() ? "it is taken" : "held by " + holder);
            case Lock.Answer.Refused(Refusal why) -> refused(wanted, now, why);
            case Lock.Answer.Barred(String why) -> over(wanted, why);
            case Lock.Answer.Failed(String why) -> failed(wanted, now, why);
            case Lock.Answer.GivenBack() -> anew(wanted, now);
        }
    }

    private void awaited(Claim wanted, Moment now, String why) {
        wanted.answered = now;
        wanted.silent = "";
        wanted.next = now.plus(retryEvery);
        listener.happened(new TurnEvent.GuardAwaited(wanted.turn, why));
    }

    private void refused(Claim wanted, Moment now, Refusal why) {
        switch (why) {
            case BUSY -> awaited(wanted, now, "it is taken");
            case TOO_MANY_WAITERS, TOO_MANY_TICKETS -> awaited(wanted, now, text(why));
            case UNKNOWN_POOL, NOT_ALLOWED, INVALID -> over(wanted, text(why));
            // The ticket had its time, and nobody here has heard of it.
            case EXPIRED, TIMED_OUT, RELEASED, FORCED, NOT_OWNER, UNKNOWN_TICKET, ID_REUSED ->
                    anew(wanted, now);
        }
    }

    private void failed(Claim wanted, Moment now, String why) {
        unanswered(wanted, now, why);
        if (due(wanted.answered.plus(renewEvery), now)) {
            listener.happened(
                    new TurnEvent.GuardAwaited(
                            wanted.turn, "the lock service does not answer: " + why));
        }
    }

    private void anew(Claim wanted, Moment now) {
        wanted.stage = Stage.ASKING;
        wanted.id = ids.get();
        wanted.answered = now;
        wanted.next = now.plus(retryEvery);
    }

    /// @param sent before the question went out
    private void renewed(Claim wanted, RequestId id, Moment sent, Lock.Answer answer) {
        boolean asked = wanted.stage == Stage.CONFIRMING || wanted.stage == Stage.HELD;
        if (wanted != claim || !asked || !id.equals(wanted.id)) {
            return;
        }
        Moment now = clock.get();
        boolean held = wanted.stage == Stage.HELD;
        if (held && wanted.until.reachedAt(now)) {
            over(wanted, because(wanted, NOT_RENEWED));
            return;
        }
        switch (answer) {
            case Lock.Answer.Held(long fence) -> good(wanted, now, sent.plus(good));
            case Lock.Answer.Failed(String why) -> unanswered(wanted, now, why);
            // It is ours for as long as it lasts.
            case Lock.Answer.Barred(String why) when held -> unanswered(wanted, now, why);
            case Lock.Answer.Barred(String why) -> over(wanted, why);
            case Lock.Answer.Refused(Refusal why) when held -> over(wanted, text(why));
            case Lock.Answer.Waits _ when held -> over(wanted, "somebody else has it");
            case Lock.Answer.GivenBack _ when held -> over(wanted, text(Refusal.RELEASED));
            case Lock.Answer.Refused _, Lock.Answer.Waits _, Lock.Answer.GivenBack _ ->
                    anew(wanted, now);
        }
    }

    private void unanswered(Claim wanted, Moment now, String why) {
        wanted.silent = why;
        wanted.next = now.plus(retryEvery);
    }

    private static String because(Claim wanted, String what) {
        return wanted.silent.isEmpty() ? what : what + ": " + wanted.silent;
    }

    private void good(Claim wanted, Moment now, Moment until) {
        wanted.silent = "";
        if (until.reachedAt(now)) {
            // The answer took too long to be worth anything.
            wanted.answered = now;
            wanted.next = now.plus(retryEvery);
            return;
        }
        if (wanted.stage == Stage.CONFIRMING) {
            wanted.stage = Stage.HELD;
            wanted.until = until;
            listener.happened(new TurnEvent.GuardGranted(wanted.turn, wanted.fence));
        } else if (until.from(wanted.until).isPositive()) {
            wanted.until = until;
            listener.extended(until);
        }
    }

    private void over(Claim lost, String why) {
        lost.stage = Stage.OVER;
        listener.happened(new TurnEvent.GuardLost(lost.turn, why));
    }

    private void parted(Parting parting, Lock.Answer answer) {
        if (answer instanceof Lock.Answer.Failed || answer instanceof Lock.Answer.Barred) {
            Moment now = clock.get();
            parting.next = now.plus(retryEvery);
        } else {
            partings.remove(parting);
        }
    }

    private static String text(Refusal why) {
        return switch (why) {
            case UNKNOWN_POOL -> "there is no such pool";
            case NOT_ALLOWED -> "this bot may not have it";
            case BUSY -> "it is taken";
            case TOO_MANY_WAITERS -> "too many wait for it";
            case TOO_MANY_TICKETS -> "the lock service has too many tickets";
            case NOT_OWNER, UNKNOWN_TICKET, ID_REUSED -> "the lock service does not know of it";
            case EXPIRED -> "it ran out";
            case TIMED_OUT -> "it was waited for long enough";
            case RELEASED -> "it was given back";
            case FORCED -> "it was taken away";
            case INVALID -> "the lock service does not take the question";
        };
    }
}
