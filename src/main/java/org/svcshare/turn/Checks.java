package org.svcshare.turn;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// When a bot looks at its queue of its own accord (svcshare 0.3, section 6.4).
///
/// A look is a wish; [Caller] turns it into an election of the generation that the group speaks.
final class Checks {

    /// What a look may lead to.
    interface Caller {
        boolean electing();

        /// @param major whether a running bot may be displaced
        void call(boolean major);
    }

    private static final Duration KNOCK_GAP = Duration.ofSeconds(10);

    private final Situation at;
    private final Outbox out;
    private @Nullable Caller caller;
    private @Nullable Instant soonAt;
    private @Nullable Instant lastMajor;
    private @Nullable Instant lastKnockCall;

    Checks(Situation at, Outbox out) {
        this.at = at;
        this.out = out;
    }

    void callThrough(Caller through) {
        caller = through;
    }

    /// Starts the periodic looks.
    void begin() {
        out.start(Timer.QUEUE_CHECK, at.settings.queueCheckEvery());
        out.start(Timer.TRANSITION, at.settings.transitionEvery());
    }

    /// Plans a look, unless an earlier one is planned.
    void soon(Duration delay) {
        Instant due = at.now.plus(delay);
        if (soonAt == null || due.isBefore(soonAt) || soonAt.isBefore(at.now)) {
            soonAt = due;
            out.start(Timer.SOON_CHECK, delay);
        }
    }

    void forgetSoon() {
        soonAt = null;
        out.cancel(Timer.SOON_CHECK);
    }

    void soonFired() {
        soonAt = null;
        look();
    }

    void periodic() {
        out.start(Timer.QUEUE_CHECK, at.settings.queueCheckEvery());
        at.rests = false;
        look();
    }

    /// The look itself.
    void look() {
        if (wants()) {
            boolean longAgo =
                    lastMajor == null
                            || Duration.between(lastMajor, at.now)
                                            .compareTo(at.settings.queueCheckEvery())
                                    > 0;
            call(longAgo);
        }
    }

    /// Whether the queue has filled since the last look; the forced bot's ends its force when
    /// empty.
    void transition() {
        out.start(Timer.TRANSITION, at.settings.transitionEvery());
        if (at.halt.inForce()) {
            return;
        }
        if (at.queue.known() && at.queueMb() == 0) {
            at.force.clear();
        }
        if (at.queue.filledSinceLastLook(at.now) && wants()) {
            call(false);
        }
    }

    /// Somebody knocked at the closed gate of a bot that has no queue to ask for.
    void knocked() {
        if (at.settings.knocksCall()
                && !at.settings.clientAsked()
                && wants()
                && (lastKnockCall == null || !at.now.isBefore(lastKnockCall.plus(KNOCK_GAP)))) {
            lastKnockCall = at.now;
            call(false);
        }
    }

    private boolean wants() {
        return at.mayCall()
                && !at.holds
                && !at.rests
                && at.queueMb() > 0
                && (at.settings.autoResume() || at.asked);
    }

    private void call(boolean major) {
        if (caller == null) {
            return;
        }
        if (caller.electing()) {
            soon(at.between(KNOCK_GAP.dividedBy(4), KNOCK_GAP));
            return;
        }
        if (major) {
            lastMajor = at.now;
        }
        caller.call(major);
    }

    /// A person called a major election.
    void majorByHand() {
        lastMajor = at.now;
    }
}
