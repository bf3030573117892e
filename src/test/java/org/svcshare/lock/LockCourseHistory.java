package org.svcshare.lock;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.svcshare.lock.LockEffect.Callbacks;
import org.svcshare.lock.NamedLock.State;

/// One random life of a lock object on a virtual clock: servers that grant, refuse, lose, answer
/// late or never, callbacks that take long, a user who does anything at any time.
final class LockCourseHistory {
    /// How often the lock is asked for.
    static final int ATTEMPTS = 4;

    private static final LockId ID = new LockId("0".repeat(32));
    private static final int MOST_STEPS = 5_000;

    private final RandomGenerator random;
    private final LockCourse course;
    private final PriorityQueue<Coming> coming = new PriorityQueue<>();
    private final List<String> story = new ArrayList<>();
    private final Map<Callbacks, Integer> calls = new EnumMap<>(Callbacks.class);
    private final boolean keepAlive;

    private long now;
    private long numbers;
    private int attempts;
    private int returning;
    private boolean granted;
    private boolean givenBack;
    private boolean lost;
    private boolean abandoned;
    private boolean ended = true;
    private boolean givingUp;

    /// A server may still say that nothing is left of the attempt.
    private boolean open;

    private long openUntil;
    private long askedNanos;

    private record Coming(long atNanos, long number, LockEvent event)
            implements Comparable<Coming> {
        @Override
        public int compareTo(Coming other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    LockCourseHistory(long seed) {
        random = new SplittableRandom(seed);
        now = random.nextLong(1L << 40);
        course = new LockCourse(random.nextBoolean());
        keepAlive = random.nextBoolean();
    }

    String story() {
        return "\n" + String.join("\n", story);
    }

    /// @return how many attempts came to their end
    int play() {
        int over = 0;
        for (int step = 0; step < MOST_STEPS; step++) {
            if (course.state() == State.IDLE) {
                check(ended, "idle before finally");
                if (attempts == ATTEMPTS && coming.isEmpty()) {
                    return over;
                }
                if (attempts < ATTEMPTS) {
                    begin();
                    over++;
                }
            }
            step();
        }
        throw new AssertionError("it never came to rest");
    }

    private void begin() {
        attempts++;
        calls.clear();
        granted = false;
        givenBack = false;
        lost = false;
        abandoned = false;
        givingUp = false;
        open = false;
        ended = false;
        returning = 0;
        on(
                new LockEvent.Lock(
                        new LockTimes(seconds(2, 9), seconds(2, 40), seconds(2, 9)), keepAlive));
        check(course.state() == State.LOCKING, "a lock that does not begin");
        for (int i = random.nextInt(3); i > 0; i--) {
            after(seconds(0, 40), new LockEvent.Unlock());
        }
        if (random.nextInt(20) == 0) {
            after(seconds(0, 40), new LockEvent.Abandoned());
        }
    }

    /// The next that comes: news, or the time that the course waits for, perhaps a little late.
    private void step() {
        OptionalLong due = course.dueNanos();
        Coming next = coming.peek();
        if (due.isPresent()) {
            long at = Math.max(now, due.getAsLong()) + jitter();
            if (next == null || at < next.atNanos()) {
                now = Math.max(now, at);
                on(new LockEvent.TimePassed());
                return;
            }
        }
        check(next != null, "stuck: nothing comes, and nothing is due");
        if (next != null) {
            coming.remove();
            now = Math.max(now, next.atNanos());
            on(next.event());
        }
    }

    private long jitter() {
        return random.nextInt(10) == 0 ? seconds(0, 20).toNanos() : random.nextLong(1_000_000);
    }

    private void on(LockEvent event) {
        State before = course.state();
        note(event, before);
        List<LockEffect> effects = course.on(event, now);
        story.add(now / 1_000_000 + " ms: " + event + " → " + course.state() + " " + effects);
        HeldLock held = course.held();
        check(
                course.state() != State.LOCKED || (held != null && end(held) > now),
                "locked beyond its time");
        check(
                course.dueNanos().isEmpty() || course.dueNanos().getAsLong() > now,
                "what is due was not done");
        effects.forEach(this::carryOut);
        check(before != State.FAILED || course.state() != State.LOCKED, "locked after it failed");
    }

    private void note(LockEvent event, State before) {
        if (event instanceof LockEvent.Returned) {
            returning--;
        }
        boolean current =
                event instanceof LockEvent.News news
                        && news.attempt() == attempts
                        && before != State.IDLE;
        if (current && event instanceof LockEvent.Granted) {
            granted = true;
        }
        if (current && settles(event)) {
            open = false;
        }
        if (before == State.LOCKED && event instanceof LockEvent.Lost) {
            lost = true;
        }
        abandoned |= event instanceof LockEvent.Abandoned;
    }

    private static long end(HeldLock held) {
        return held.askedNanos() + held.lasts().toNanos();
    }

    private void carryOut(LockEffect effect) {
        switch (effect) {
            case LockEffect.Acquire(long attempt, Duration waits, LockTimes times) -> {
                check(waits.isPositive(), "a wait of " + waits);
                askedNanos = now;
                asked(attempt, times);
            }
            case LockEffect.GiveUp(long attempt, Duration patience) -> {
                check(!givingUp || abandoned, "given up twice");
                givingUp = true;
                opens(patience);
                // What was on its way may cross it; later the shell itself gives back.
                long crossing = now + random.nextLong(50_000_000);
                coming.removeIf(c -> answers(c.event(), attempt) && c.atNanos() > crossing);
                if (!mute()) {
                    boolean surely = random.nextBoolean();
                    after(seconds(0, 3), new LockEvent.GivenUp(attempt, surely, "given up"));
                }
            }
            case LockEffect.Look(long attempt, boolean renew) -> looked(attempt);
            case LockEffect.Release(long attempt, Duration patience) -> {
                check(!givenBack, "given back twice");
                givenBack = true;
                opens(patience);
                released(attempt);
            }
            case LockEffect.Call(long attempt, Callbacks which) -> call(attempt, which);
        }
    }

    private void opens(Duration patience) {
        open = true;
        openUntil = now + patience.toNanos();
    }

    private static boolean settles(LockEvent event) {
        return switch (event) {
            case LockEvent.Granted _,
                    LockEvent.Refused _,
                    LockEvent.NoAnswer _,
                    LockEvent.GivenUp _,
                    LockEvent.Released _,
                    LockEvent.Gone _,
                    LockEvent.NotReleased _ ->
                    true;
            default -> false;
        };
    }

    private static boolean answers(LockEvent event, long attempt) {
        return switch (event) {
            case LockEvent.Granted(long n, _) -> n == attempt;
            case LockEvent.Refused(long n, _, _) -> n == attempt;
            case LockEvent.NoAnswer(long n, _, _) -> n == attempt;
            default -> false;
        };
    }

    private void asked(long attempt, LockTimes times) {
        if (mute()) {
            return;
        }
        Duration later = seconds(0, 12);
        switch (random.nextInt(6)) {
            case 0 -> after(later, new LockEvent.Refused(attempt, any(Why.values()), "no"));
            case 1 -> after(later, new LockEvent.NoAnswer(attempt, random.nextBoolean(), "lost"));
            default -> {
                // What was asked may be repeated, and count from later.
                long from = askedNanos + random.nextLong(later.toNanos() + 1);
                after(later, new LockEvent.Granted(attempt, lock(from, times.duration())));
            }
        }
    }

    private void looked(long attempt) {
        if (mute()) {
            return;
        }
        Duration later = seconds(0, 5);
        switch (random.nextInt(8)) {
            case 0 -> after(later, new LockEvent.Lost(attempt, any(Why.values()), "lost"));
            case 1, 2 -> after(later, new LockEvent.NotSeen(attempt));
            default -> after(later, new LockEvent.Seen(attempt, lock(now, seconds(1, 30))));
        }
    }

    private void released(long attempt) {
        if (mute()) {
            return;
        }
        Duration later = seconds(0, 8);
        switch (random.nextInt(6)) {
            case 0 -> after(later, new LockEvent.Gone(attempt, any(Why.values()), "gone"));
            case 1 -> after(later, new LockEvent.NotReleased(attempt, "no server"));
            default -> after(later, new LockEvent.Released(attempt));
        }
    }

    private void call(long attempt, Callbacks which) {
        check(attempt == attempts, "a callback of another attempt");
        check(!ended, which + " after finally");
        check(calls.merge(which, 1, Integer::sum) == 1, which + " twice");
        check(
                which != Callbacks.OBTAINED || !calls.containsKey(Callbacks.FAILED),
                "obtained after failed");
        if (which == Callbacks.FINALLY) {
            ended = true;
            check(course.state() == State.IDLE, "finally while " + course.state());
            check(returning == 0, "finally while others are being called");
            check(!open || now >= openUntil || abandoned, "finally before it is given back");
            check(!granted || givenBack || lost || abandoned, "a lock that was granted and left");
            // What is on its way still comes, and must do nothing.
            return;
        }
        returning++;
        after(seconds(0, 30), new LockEvent.Returned(attempt, which));
    }

    private HeldLock lock(long asked, Duration lasts) {
        return new HeldLock(ID, "p", 1, 1, lasts, asked, Instant.EPOCH);
    }

    private boolean mute() {
        return random.nextInt(8) == 0;
    }

    private <T> T any(T[] all) {
        return all[random.nextInt(all.length)];
    }

    private Duration seconds(int least, int most) {
        return Duration.ofMillis(least * 1000L + random.nextLong((most - least) * 1000L + 1));
    }

    private void after(Duration time, LockEvent event) {
        coming.add(new Coming(now + time.toNanos(), numbers++, event));
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
