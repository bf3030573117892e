package org.svcshare.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/// Looks after a command while it runs under a lock: passes signals on, and ends it when the lock
/// is lost. Owned by one thread.
final class Supervisor {
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration TICK_WHEN_LOST = Duration.ofMillis(200);

    /// How long what was killed may take to be gone.
    private static final Duration AFTER_KILL = Duration.ofSeconds(5);

    private final CommandGroup group;
    private final Inbox inbox;
    private final Optional<Renewals> renewals;
    private final Duration grace;
    private final Consumer<String> say;

    private int signals;
    private OptionalInt ended = OptionalInt.empty();
    private boolean lost;
    private boolean killed;
    private long deadlineNanos;

    /// @param renewals empty for a lock that has no lease
    /// @param grace between SIGTERM and SIGKILL when the lock is lost
    Supervisor(
            CommandGroup group,
            Inbox inbox,
            Optional<Renewals> renewals,
            Duration grace,
            Consumer<String> say) {
        this.group = group;
        this.inbox = inbox;
        this.renewals = renewals;
        this.grace = grace;
        this.say = say;
    }

    /// Blocks until the command has ended, and when the lock was lost all that it started.
    ///
    /// @return the command's exit code, or [ExitCode#LOST]
    int run() throws InterruptedException {
        Thread.ofPlatform().daemon().name("command").start(this::await);
        renewals.ifPresent(Renewals::begin);
        while (true) {
            inbox.next(pause()).ifPresent(this::on);
            long now = System.nanoTime();
            if (lost) {
                if (ended.isPresent() && !group.anyLeft()) {
                    return ExitCode.LOST;
                }
                if (now - deadlineNanos >= 0) {
                    if (killed) {
                        say.accept("what the command started does not end");
                        return ExitCode.LOST;
                    }
                    kill(now);
                }
            } else if (ended.isPresent()) {
                return ended.getAsInt();
            } else {
                group.look();
                renewals.flatMap(r -> r.lost(now, Instant.now())).ifPresent(why -> lose(why, now));
            }
        }
    }

    private Duration pause() {
        if (lost) {
            return TICK_WHEN_LOST;
        }
        Duration left = renewals.map(r -> r.left(System.nanoTime())).orElse(TICK);
        return left.compareTo(TICK) < 0 ? left : TICK;
    }

    private void on(RunEvent event) {
        // As nearly always; a switch over types takes 10 ms to begin.
        if (event instanceof RunEvent.Ended(int code)) {
            ended = OptionalInt.of(code);
            return;
        }
        switch (event) {
            case RunEvent.Ended _ -> {}
            case RunEvent.Woken _ -> {}
            case RunEvent.Caught(String name, _) -> {
                // Ctrl-C at a terminal has reached the command already, which may live on with it,
                // as psql does; so it does not count either.
                if (name.equals("INT") && !group.leads()) {
                    return;
                }
                if (++signals > 1) {
                    kill(System.nanoTime());
                } else {
                    group.signal(name);
                }
            }
        }
    }

    private void lose(String why, long now) {
        lost = true;
        say.accept("the lock is lost: " + why + "; stopping the command");
        deadlineNanos = now + grace.toNanos();
        group.signal("TERM");
        if (grace.isZero()) {
            kill(now);
        }
    }

    private void kill(long now) {
        killed = true;
        deadlineNanos = now + AFTER_KILL.toNanos();
        group.signal("KILL");
    }

    private void await() {
        try {
            inbox.put(new RunEvent.Ended(group.await()));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
