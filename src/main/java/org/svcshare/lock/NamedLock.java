package org.svcshare.lock;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.lock.LockEffect.Callbacks;

/// One named lock of a program: asked for, told of by callbacks, held for a time, given back, and
/// then asked for again. Made by [NamedLocks#named]. Thread-safe.
///
/// [#lock] and [#unlock] return at once. What comes of them is told by four lists of callbacks:
///
/// - *obtained*: the lock is ours until [#until];
/// - *time over*: its time has come to an end, and only the grace is left to stop what it was for;
/// - *failed*: it was not obtained, or it was taken away; [#reason] says why;
/// - *finally*: the end of what an accepted [#lock] began, exactly once and after all others have
///   returned. The lock is idle by then, and may be locked again in there.
///
/// They run on the executor that the [NamedLocks] were given. *Time over* and *failed* do not wait
/// for *obtained* to return: there the work may be done that they have to stop.
///
/// Two programs never hold a lock at once as long as each of them stops when it is told, and looks
/// at [#isLocked] before what must not happen twice. A program that is stopped in between cannot
/// look; [#fence] is for that.
public final class NamedLock {
    private static final Logger LOG = LoggerFactory.getLogger(NamedLock.class);
    private static final String BROKEN = "it could not be asked";
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(3);

    /// When the lock is given back.
    public enum Mode {
        /// As soon as the obtained-callbacks have returned.
        SIMPLE,
        /// By [NamedLock#unlock], or when its time is over.
        EXTENDED
    }

    /// What the lock is doing.
    public enum State {
        IDLE,
        LOCKING,
        LOCKED,
        /// It is given back, or its time is over and its user is left to stop.
        UNLOCKING,
        /// The failed-callbacks are called, or what may be left at the servers is given back.
        FAILED
    }

    /// Why it failed, or its time was over.
    public enum Reason {
        NONE,
        /// Our own clock said so.
        LOCAL_TIMEOUT,
        /// The servers said so, or it was held beyond the grace.
        REMOTE_TIMEOUT,
        /// No server was reached.
        TRANSMISSION_ERROR,
        /// The server does not understand the request, or knows no such pool.
        INVALID,
        /// The token may not lock, or not this pool.
        NOT_ALLOWED,
        /// The server takes no more waiters, or no more tickets.
        TOO_MANY_WAITERS,
        /// An operator ended it, or the server has lost it.
        TAKEN_AWAY;

        /// Why a lock was not obtained.
        static Reason ofRefusal(Why why) {
            return switch (why) {
                case TIMED_OUT, BUSY, EXPIRED -> REMOTE_TIMEOUT;
                case TOO_MANY_WAITERS, TOO_MANY_TICKETS -> TOO_MANY_WAITERS;
                case NOT_ALLOWED, FORBIDDEN, UNAUTHORIZED -> NOT_ALLOWED;
                case FORCED, RELEASED, NOT_OWNER, UNKNOWN_TICKET -> TAKEN_AWAY;
                case UNKNOWN_POOL,
                        ID_REUSED,
                        INVALID,
                        WRONG_HOST,
                        NO_GROUP,
                        UNKNOWN_NODE,
                        CONFLICT,
                        OTHER ->
                        INVALID;
            };
        }

        /// Why a lock is ours no more.
        static Reason ofLoss(Why why) {
            return why == Why.EXPIRED ? REMOTE_TIMEOUT : TAKEN_AWAY;
        }
    }

    private final NamedLocks locks;
    private final String name;
    private final Mode mode;
    private final CallbackLists callbacks = new CallbackLists();

    private volatile LockTimes times = LockTimes.DEFAULTS;
    private volatile org.svcshare.pool.Mode type = org.svcshare.pool.Mode.EXCLUSIVE;
    private volatile boolean keepAlive;
    private volatile String purpose = "";
    private volatile Standing standing = new Standing(State.IDLE, Reason.NONE, "", null);

    // The loop's.

    private final LockCourse course;
    private @Nullable Errand errand;
    private @Nullable ScheduledFuture<?> timer;

    /// What everybody may see of the course.
    private record Standing(State state, Reason reason, String detail, @Nullable HeldLock held) {}

    /// One question for the lock and what has to do with its answer.
    private static final class Errand {
        final Ask ask;
        final Stop asking = new Stop();
        final Stop looking = new Stop();
        volatile Duration patience = Duration.ZERO;

        Errand(Ask ask) {
            this.ask = ask;
        }
    }

    NamedLock(NamedLocks locks, String name, Mode mode) {
        this.locks = locks;
        this.name = name;
        this.mode = mode;
        course = new LockCourse(mode == Mode.SIMPLE);
    }

    public String name() {
        return name;
    }

    public Mode mode() {
        return mode;
    }

    /// Its own times; read at [#lock].
    public LockTimes times() {
        return times;
    }

    public void times(LockTimes own) {
        times = own;
    }

    /// Whether it is renewed as long as it is held, so that its time is never over while a server
    /// can be reached. Read at [#lock].
    public void keepAlive(boolean renewed) {
        keepAlive = renewed;
    }

    /// What it is for, told to people who wait; read at [#lock].
    public void purpose(String text) {
        purpose = text;
    }

    /// Whether others who ask for it shared may hold it at the same time.
    public org.svcshare.pool.Mode type() {
        return type;
    }

    /// @throws IllegalStateException when it is busy
    public void type(org.svcshare.pool.Mode wanted) {
        if (isBusy()) {
            throw new IllegalStateException("the lock " + name + " is busy");
        }
        type = wanted;
    }

    /// A callback that was added.
    public interface Registration {
        /// It is not called any more, except where that has begun.
        void remove();
    }

    /// @param priority those of a higher one are called first
    public Registration onObtained(int priority, Consumer<NamedLock> callback) {
        return callbacks.add(Callbacks.OBTAINED, priority, callback)::run;
    }

    /// See [#onObtained]. When these have returned the lock is given back; in simple mode when the
    /// obtained-callbacks have returned as well. At the end of the grace it is taken away.
    public Registration onTimeOver(int priority, Consumer<NamedLock> callback) {
        return callbacks.add(Callbacks.TIME_OVER, priority, callback)::run;
    }

    /// See [#onObtained].
    public Registration onFailed(int priority, Consumer<NamedLock> callback) {
        return callbacks.add(Callbacks.FAILED, priority, callback)::run;
    }

    /// See [#onObtained].
    public Registration onFinally(int priority, Consumer<NamedLock> callback) {
        return callbacks.add(Callbacks.FINALLY, priority, callback)::run;
    }

    /// Asks for the lock.
    ///
    /// @return false when it is busy or the locks are closed, and then no callback is called
    public boolean lock() {
        return locks.onLoop(this::begin);
    }

    /// Gives the lock back; while it is waited for, waits no more. Otherwise nothing.
    public void unlock() {
        post(new LockEvent.Unlock());
    }

    public State state() {
        return standing.state();
    }

    /// Why it failed, the last time that it was asked for.
    public Reason reason() {
        return standing.reason();
    }

    /// The same for people; may be empty.
    public String detail() {
        return standing.detail();
    }

    /// Whether it may be believed that the lock is ours, as of now and without asking anybody: its
    /// time is counted from before it was asked for, on the monotonic clock and on the wall clock.
    /// With less than two seconds left better take it for lost.
    public boolean isLocked() {
        return left().isPositive();
    }

    /// Whether it is not idle.
    public boolean isBusy() {
        return state() != State.IDLE;
    }

    /// How long it stays ours; 0 when it is not.
    public Duration left() {
        Standing now = standing;
        HeldLock held = now.held();
        if (now.state() != State.LOCKED || held == null || held.doubtful(Instant.now())) {
            return Duration.ZERO;
        }
        return held.left(System.nanoTime());
    }

    /// Whether the lock could be asked for just now. Takes nothing, and blocks for three seconds at
    /// most.
    ///
    /// @return why not, for people; empty when there is a server that would decide
    public Optional<String> obstacle() {
        // Nobody has a lock of this id, and a server that can decide says so.
        Answer answer = locks.client().see(name, LockId.draw(), LONGEST_LOOK, new Stop());
        return switch (answer) {
            case Answer.Refused(Why why, _)
                    when why == Why.UNKNOWN_TICKET || why == Why.NOT_OWNER ->
                    Optional.empty();
            case Answer.Refused(_, String words) -> Optional.of(words);
            case Answer.Unreachable(String words) -> Optional.of(words);
            case Answer.PerhapsDone(String words) -> Optional.of(words);
            case Answer.Held _, Answer.Cancelled _ -> Optional.empty();
        };
    }

    /// When its time is over; empty when it is not held.
    public Optional<Instant> until() {
        Standing now = standing;
        return now.state() == State.LOCKED
                ? Optional.ofNullable(now.held()).map(HeldLock::until)
                : Optional.empty();
    }

    /// The fencing token, from when it was obtained until the finally-callbacks: higher than that
    /// of every earlier grant. What the lock protects should refuse lower ones than it has seen.
    public OptionalLong fence() {
        HeldLock held = standing.held();
        return held == null ? OptionalLong.empty() : OptionalLong.of(held.fence());
    }

    /// The number of the ticket, as `svcshare tickets` shows it; like [#fence].
    public OptionalLong ticket() {
        HeldLock held = standing.held();
        return held == null ? OptionalLong.empty() : OptionalLong.of(held.ticket());
    }

    // On the loop.

    private boolean begin() {
        if (course.state() != State.IDLE || locks.closed()) {
            return false;
        }
        on(new LockEvent.Lock(times.over(locks.times()), keepAlive));
        return true;
    }

    private void post(LockEvent event) {
        locks.post(() -> on(event));
    }

    void on(LockEvent event) {
        var effects = course.on(event, System.nanoTime());
        standing = new Standing(course.state(), course.reason(), course.detail(), course.held());
        locks.busy(this, course.state() != State.IDLE);
        effects.forEach(this::carryOut);
        setTimer();
        locks.endIfIdle();
    }

    private void setTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        OptionalLong due = course.dueNanos();
        if (due.isPresent()) {
            long pause = Math.max(0, due.getAsLong() - System.nanoTime());
            timer = locks.later(() -> on(new LockEvent.TimePassed()), pause, TimeUnit.NANOSECONDS);
        }
    }

    private void carryOut(LockEffect effect) {
        switch (effect) {
            case LockEffect.Acquire acquire -> ask(acquire);
            case LockEffect.GiveUp(_, Duration patience) -> {
                Errand now = errand();
                now.patience = patience;
                now.asking.pull();
            }
            case LockEffect.Look(long attempt, boolean renew) -> {
                Errand now = errand();
                HeldLock held = course.held();
                if (held != null) {
                    aside(() -> look(attempt, now, held, renew), new LockEvent.NotSeen(attempt));
                }
            }
            case LockEffect.Release(long attempt, Duration patience) -> {
                Errand now = errand();
                now.looking.pull();
                aside(
                        () -> released(attempt, now.ask, patience),
                        new LockEvent.NotReleased(attempt, BROKEN));
            }
            case LockEffect.Call(long attempt, Callbacks which) -> call(attempt, which);
        }
    }

    private Errand errand() {
        if (errand == null) {
            throw new IllegalStateException("nothing was asked for");
        }
        return errand;
    }

    private void ask(LockEffect.Acquire wanted) {
        var now =
                new Errand(
                        new Ask(
                                LockId.draw(),
                                name,
                                locks.holder(),
                                purpose,
                                type,
                                wanted.waits(),
                                wanted.times().duration(),
                                wanted.times().unlockGrace()));
        errand = now;
        aside(
                () -> asked(wanted.attempt(), now),
                new LockEvent.NoAnswer(wanted.attempt(), true, BROKEN));
    }

    /// Asks on a thread that may wait, and comes back with the answer.
    ///
    /// @param otherwise the answer when there is none, which must not be
    private void aside(Supplier<LockEvent> question, LockEvent otherwise) {
        Thread.ofVirtual()
                .name("lock " + name)
                .start(() -> {
                    LockEvent news = otherwise;
                    try {
                        news = question.get();
                    } catch (RuntimeException e) {
                        LOG.warn("the lock {} could not ask", name, e);
                    }
                    post(news);
                });
    }

    private void call(long attempt, Callbacks which) {
        if (callbacks.none(which)) {
            returned(attempt, which);
            return;
        }
        Runnable all =
                () -> {
                    callbacks.call(which, this);
                    returned(attempt, which);
                    locks.callbacksEnded();
                };
        locks.callbacksBegin();
        try {
            locks.executor().execute(all);
        } catch (RejectedExecutionException _) {
            // The program is about to end its threads; what it was promised holds.
            Thread.ofVirtual().name("lock " + name).start(all);
        }
    }

    private void returned(long attempt, Callbacks which) {
        if (which != Callbacks.FINALLY) {
            post(new LockEvent.Returned(attempt, which));
        }
    }

    // On threads that may wait.

    private LockEvent asked(long attempt, Errand errand) {
        Ask ask = errand.ask;
        Answer answer = locks.client().obtain(ask, ask.waits(), errand.asking);
        if (errand.asking.pulled()) {
            return switch (locks.client().release(name, ask.id(), errand.patience)) {
                case Answer.Release.Done(), Answer.Release.Gone _ ->
                        new LockEvent.GivenUp(attempt, true, "");
                case Answer.Refused(_, String why) -> new LockEvent.GivenUp(attempt, false, why);
                case Answer.Unreachable(String why) -> new LockEvent.GivenUp(attempt, false, why);
                case Answer.PerhapsDone(String why) -> new LockEvent.GivenUp(attempt, false, why);
            };
        }
        return switch (answer) {
            case Answer.Held(HeldLock lock) -> new LockEvent.Granted(attempt, lock);
            case Answer.Refused(Why why, String words) ->
                    new LockEvent.Refused(attempt, why, words);
            case Answer.Unreachable(String why) -> new LockEvent.NoAnswer(attempt, false, why);
            case Answer.PerhapsDone(String why) -> new LockEvent.NoAnswer(attempt, true, why);
            case Answer.Cancelled() -> new LockEvent.NoAnswer(attempt, true, "interrupted");
        };
    }

    private LockEvent look(long attempt, Errand errand, HeldLock held, boolean renew) {
        Duration left = held.left(System.nanoTime());
        Duration limit = left.compareTo(LONGEST_LOOK) < 0 ? left : LONGEST_LOOK;
        Answer answer =
                renew
                        ? locks.client().renew(held, errand.ask.ttl(), limit, errand.looking)
                        : locks.client().see(name, held.id(), limit, errand.looking);
        return switch (answer) {
            case Answer.Held(HeldLock lock) -> new LockEvent.Seen(attempt, lock);
            case Answer.Refused(Why why, String words) when why.lost() ->
                    new LockEvent.Lost(attempt, why, words);
            case Answer.Refused _, Answer.Unreachable _, Answer.PerhapsDone _, Answer.Cancelled _ ->
                    new LockEvent.NotSeen(attempt);
        };
    }

    private LockEvent released(long attempt, Ask ask, Duration patience) {
        return switch (locks.client().release(name, ask.id(), patience)) {
            case Answer.Release.Done() -> new LockEvent.Released(attempt);
            case Answer.Release.Gone(Why why, String words) ->
                    new LockEvent.Gone(attempt, why, words);
            case Answer.Refused(_, String why) -> new LockEvent.NotReleased(attempt, why);
            case Answer.Unreachable(String why) -> new LockEvent.NotReleased(attempt, why);
            case Answer.PerhapsDone(String why) -> new LockEvent.NotReleased(attempt, why);
        };
    }

    /// Without secrets.
    @Override
    public String toString() {
        Standing now = standing;
        return name + ": " + now.state() + (now.detail().isEmpty() ? "" : ", " + now.detail());
    }
}
