package org.svcshare.lock;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svcshare.lock.LockEffect.Acquire;
import org.svcshare.lock.LockEffect.Call;
import org.svcshare.lock.LockEffect.Callbacks;
import org.svcshare.lock.LockEffect.GiveUp;
import org.svcshare.lock.LockEffect.Look;
import org.svcshare.lock.LockEffect.Release;
import org.svcshare.lock.NamedLock.Reason;
import org.svcshare.lock.NamedLock.State;

/// What one [NamedLock] does: events in, effects out, in order. Knows no clock, thread or socket;
/// times are [System#nanoTime]'s, and come with the events.
///
/// An *attempt* is what an accepted [LockEvent.Lock] begins and the finally-callbacks end. Whatever
/// happens in between, they are called once, after all others have returned.
///
/// Not thread-safe; the owning loop is the only caller.
final class LockCourse {
    /// Of a lock that lasts for long is looked so often whether somebody took it away.
    private static final Duration LONGEST_UNSEEN = Duration.ofSeconds(20);

    private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);

    /// A place in line that was lost is asked for anew, but not in a storm.
    private static final Duration BETWEEN_QUESTIONS = Duration.ofSeconds(1);

    /// How long is tried to leave the line that nobody heard in time of.
    private static final Duration WITHDRAWAL = Duration.ofSeconds(2);

    private final boolean simple;

    private State state = State.IDLE;
    private Reason reason = Reason.NONE;
    private String detail = "";
    private long attempt;
    private LockTimes times = LockTimes.usual();
    private boolean keepAlive;
    private @Nullable HeldLock held;

    /// Questions whose answer is still to come.
    private boolean asking;

    private boolean looking;
    private boolean givingBack;

    /// Our time is over, and whoever used the lock is left to stop.
    private boolean stopping;

    /// Nothing of the attempt is left at the server.
    private boolean clean;

    private boolean obtained;

    private final Set<Callbacks> running = EnumSet.noneOf(Callbacks.class);

    private long askedNanos;
    private long obtainByNanos;
    private long lookNanos;
    private long takenNanos;
    private long limitNanos;

    private long now;
    private List<LockEffect> effects = new ArrayList<>();

    /// @param simple whether the lock is given back as soon as the obtained-callbacks return
    LockCourse(boolean simple) {
        this.simple = simple;
    }

    State state() {
        return state;
    }

    Reason reason() {
        return reason;
    }

    /// For people, beside the reason.
    String detail() {
        return detail;
    }

    /// The lock, from when it was obtained until the attempt is over.
    @Nullable HeldLock held() {
        return held;
    }

    /// When [LockEvent.TimePassed] has to come at the latest; empty: something else comes before.
    OptionalLong dueNanos() {
        return switch (state) {
            case IDLE -> OptionalLong.empty();
            case LOCKING -> OptionalLong.of(obtainByNanos);
            case LOCKED -> {
                long end = end(lock());
                yield OptionalLong.of(looking || end - lookNanos < 0 ? end : lookNanos);
            }
            case UNLOCKING, FAILED -> {
                if (stopping) {
                    yield OptionalLong.of(takenNanos);
                }
                yield asking || givingBack ? OptionalLong.of(limitNanos) : OptionalLong.empty();
            }
        };
    }

    /// Applies one event.
    ///
    /// @param nowNanos never goes back
    List<LockEffect> on(LockEvent event, long nowNanos) {
        now = nowNanos;
        effects = new ArrayList<>();
        switch (event) {
            case LockEvent.Lock lock -> begin(lock);
            case LockEvent.Unlock() -> unlock();
            case LockEvent.TimePassed() -> {}
            case LockEvent.Abandoned() -> abandon();
            case LockEvent.News news -> {
                if (news.attempt() == attempt && state != State.IDLE) {
                    heard(news);
                }
            }
        }
        passTime();
        conclude();
        return effects;
    }

    private void begin(LockEvent.Lock wanted) {
        if (state != State.IDLE) {
            throw new IllegalStateException("asked for a lock while " + state);
        }
        attempt++;
        state = State.LOCKING;
        reason = Reason.NONE;
        detail = "";
        times = wanted.times();
        keepAlive = wanted.keepAlive();
        clean = false;
        obtained = false;
        obtainByNanos = now + times.obtention().toNanos();
        ask();
    }

    private void ask() {
        asking = true;
        askedNanos = now;
        Duration left = Duration.ofNanos(obtainByNanos - now);
        effects.add(new Acquire(attempt, left, times));
    }

    private void unlock() {
        if (state == State.LOCKING) {
            state = State.UNLOCKING;
            giveUp(times.unlockGrace());
        } else if (state == State.LOCKED || stopping) {
            giveBack();
        }
    }

    /// Ends the question, whose answer then is what was given back.
    private void giveUp(Duration patience) {
        limitNanos = now + patience.toNanos();
        effects.add(new GiveUp(attempt, patience));
    }

    private void giveBack() {
        stopping = false;
        givingBack = true;
        state = state == State.FAILED ? State.FAILED : State.UNLOCKING;
        limitNanos = now + times.unlockGrace().toNanos();
        effects.add(new Release(attempt, times.unlockGrace()));
    }

    /// Nobody can be asked any more: ends without.
    private void abandon() {
        if (state == State.IDLE) {
            return;
        }
        if (asking && state != State.FAILED) {
            effects.add(new GiveUp(attempt, WITHDRAWAL));
        }
        asking = false;
        givingBack = false;
        if (state != State.FAILED && !clean) {
            fail(Reason.TRANSMISSION_ERROR, "the locks of this program were closed");
        }
    }

    // News.

    private void heard(LockEvent.News news) {
        switch (news) {
            case LockEvent.Granted(_, HeldLock lock) -> granted(lock);
            case LockEvent.Refused(_, Why why, String words) -> refused(why, words);
            case LockEvent.NoAnswer(_, boolean perhaps, String words) -> noAnswer(perhaps, words);
            case LockEvent.GivenUp(_, boolean surely, String words) -> givenUp(surely, words);
            case LockEvent.Seen(_, HeldLock lock) -> seen(lock);
            case LockEvent.Lost(_, Why why, String words) -> lost(why, words);
            case LockEvent.NotSeen(_) -> {
                looking = false;
                lookNanos = now + AFTER_TROUBLE.toNanos();
            }
            case LockEvent.Released(_) -> {
                givingBack = false;
                clean = true;
            }
            case LockEvent.Gone(_, Why why, String words) -> gone(why, words);
            case LockEvent.NotReleased(_, String words) -> {
                givingBack = false;
                if (state == State.UNLOCKING) {
                    fail(Reason.TRANSMISSION_ERROR, words);
                }
            }
            case LockEvent.Returned(_, Callbacks which) -> returned(which);
        }
    }

    private void granted(HeldLock lock) {
        if (!asking) {
            return;
        }
        asking = false;
        held = lock;
        if (state != State.LOCKING) {
            // We did not want it any more.
            giveBack();
        } else if (end(lock) - now <= 0) {
            fail(Reason.LOCAL_TIMEOUT, "the grant came when its time was over");
            giveBack();
        } else {
            state = State.LOCKED;
            obtained = true;
            looking = false;
            nextLook();
            call(Callbacks.OBTAINED);
        }
    }

    private void refused(Why why, String words) {
        if (!asking) {
            return;
        }
        asking = false;
        clean = true;
        boolean again =
                switch (why) {
                    // The server keeps no place for so long, or has lost ours.
                    case TIMED_OUT, EXPIRED, RELEASED, NOT_OWNER, UNKNOWN_TICKET -> true;
                    default -> false;
                };
        if (state == State.LOCKING
                && again
                && now - askedNanos >= BETWEEN_QUESTIONS.toNanos()
                && obtainByNanos - now >= BETWEEN_QUESTIONS.toNanos()) {
            clean = false;
            ask();
        } else if (state == State.LOCKING) {
            fail(Reason.ofRefusal(why), words);
        }
    }

    private void noAnswer(boolean perhaps, String words) {
        if (!asking) {
            return;
        }
        asking = false;
        if (state != State.FAILED) {
            fail(Reason.TRANSMISSION_ERROR, words);
        }
        if (perhaps) {
            giveBack();
        }
    }

    private void givenUp(boolean surely, String words) {
        if (!asking) {
            return;
        }
        asking = false;
        clean = surely;
        if (!surely && state != State.FAILED) {
            fail(Reason.TRANSMISSION_ERROR, words);
        }
    }

    private void seen(HeldLock lock) {
        looking = false;
        if (state == State.LOCKED) {
            // Both are promises of the server.
            if (end(lock) - end(lock()) > 0) {
                held = lock;
            }
            nextLook();
        }
    }

    private void nextLook() {
        Duration third = times.duration().dividedBy(3);
        Duration pause = third.compareTo(LONGEST_UNSEEN) < 0 ? third : LONGEST_UNSEEN;
        lookNanos = now + pause.toNanos();
    }

    /// Somebody looked, and the lock is not ours.
    private void lost(Why why, String words) {
        looking = false;
        if (state != State.LOCKED) {
            return;
        }
        fail(Reason.ofLoss(why), words);
        if (why == Why.EXPIRED) {
            // Perhaps only the grace has begun there.
            giveBack();
        }
    }

    /// What we gave back was not ours any more.
    private void gone(Why why, String words) {
        givingBack = false;
        clean = true;
        if (state == State.UNLOCKING && obtained) {
            fail(Reason.ofLoss(why), words);
        }
    }

    private void returned(Callbacks which) {
        running.remove(which);
        if (state == State.LOCKED && simple && which == Callbacks.OBTAINED) {
            giveBack();
        } else if (stopping
                && !running.contains(Callbacks.TIME_OVER)
                && !(simple && running.contains(Callbacks.OBTAINED))) {
            giveBack();
        }
    }

    // Time.

    private void passTime() {
        State before;
        do {
            before = state;
            passTimeOnce();
        } while (state != before);
    }

    private void passTimeOnce() {
        switch (state) {
            case IDLE -> {}
            case LOCKING -> {
                if (due(obtainByNanos)) {
                    fail(Reason.LOCAL_TIMEOUT, "it was not obtained in time");
                    giveUp(WITHDRAWAL);
                }
            }
            case LOCKED -> {
                if (due(end(lock()))) {
                    timeOver();
                } else if (!looking && due(lookNanos)) {
                    looking = true;
                    effects.add(new Look(attempt, keepAlive));
                }
            }
            case UNLOCKING -> {
                if (stopping && due(takenNanos)) {
                    fail(Reason.REMOTE_TIMEOUT, "it was held beyond its time and the grace");
                    giveBack();
                } else if ((asking || givingBack) && due(limitNanos)) {
                    asking = false;
                    givingBack = false;
                    fail(Reason.LOCAL_TIMEOUT, "nobody confirmed in time that it was given back");
                }
            }
            case FAILED -> {
                if (due(limitNanos)) {
                    asking = false;
                    givingBack = false;
                }
            }
        }
    }

    private boolean due(long nanos) {
        return nanos - now <= 0;
    }

    private static long end(HeldLock lock) {
        return lock.askedNanos() + lock.lasts().toNanos();
    }

    private HeldLock lock() {
        if (held == null) {
            throw new IllegalStateException(state + " without a lock");
        }
        return held;
    }

    private void timeOver() {
        state = State.UNLOCKING;
        reason = Reason.LOCAL_TIMEOUT;
        detail = "its time was over";
        stopping = true;
        takenNanos = end(lock()) + times.unlockGrace().toNanos();
        call(Callbacks.TIME_OVER);
    }

    // Ends.

    private void fail(Reason why, String words) {
        state = State.FAILED;
        reason = why;
        detail = words;
        stopping = false;
        limitNanos = now;
        call(Callbacks.FAILED);
    }

    private void call(Callbacks which) {
        running.add(which);
        effects.add(new Call(attempt, which));
    }

    private void conclude() {
        boolean over = state == State.FAILED || (state == State.UNLOCKING && clean);
        if (!over || asking || givingBack || !running.isEmpty()) {
            return;
        }
        if (state == State.UNLOCKING) {
            reason = Reason.NONE;
            detail = "";
        }
        state = State.IDLE;
        held = null;
        effects.add(new Call(attempt, Callbacks.FINALLY));
    }
}
