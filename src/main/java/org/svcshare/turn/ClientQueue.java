package org.svcshare.turn;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What is known of the client program's queue, and for how long it has been waiting.
final class ClientQueue {
    /// For this long a knock counts as a wish, where there is no queue to ask for.
    private static final Duration KNOCK_COUNTS = Duration.ofSeconds(60);

    /// What such a wish counts as in an election.
    private static final double KNOCK_MB = 1;

    private final boolean asked;
    private QueueSnapshot last = QueueSnapshot.EMPTY;
    private boolean known;
    private boolean lostTold;
    private boolean emptyAtLastLook = true;
    private @Nullable Instant waitingSince;
    private @Nullable Instant knockedAt;

    /// @param asked whether there is a client program that can be asked
    ClientQueue(boolean asked) {
        this.asked = asked;
    }

    /// @return whether the client had been told as lost
    boolean seen(QueueSnapshot snapshot, boolean holds, Instant now) {
        last = snapshot;
        known = true;
        follow(holds, now);
        boolean back = lostTold;
        lostTold = false;
        return back;
    }

    /// @return whether this is news
    boolean lost(boolean holds, Instant now) {
        last = QueueSnapshot.EMPTY;
        known = false;
        follow(holds, now);
        boolean news = !lostTold;
        lostTold = true;
        return news;
    }

    void knocked(boolean holds, Instant now) {
        knockedAt = now;
        follow(holds, now);
    }

    /// The turn began or ended: waiting starts anew.
    void turned(boolean holds, Instant now) {
        waitingSince = null;
        if (holds) {
            knockedAt = null;
        }
        follow(holds, now);
    }

    private void follow(boolean holds, Instant now) {
        if (holds || mb(now) == 0) {
            waitingSince = null;
        } else if (waitingSince == null) {
            waitingSince = now;
        }
    }

    /// MB left; 0 when unknown, because an unreachable client could not use a turn.
    double mb(Instant now) {
        if (asked) {
            return last.totalMb();
        }
        boolean wished = knockedAt != null && now.isBefore(knockedAt.plus(KNOCK_COUNTS));
        return wished ? KNOCK_MB : 0;
    }

    /// Whether [#last] is an answer.
    boolean known() {
        return asked && known;
    }

    QueueSnapshot last() {
        return last;
    }

    Duration waited(Instant now) {
        return waitingSince == null ? Duration.ZERO : Duration.between(waitingSince, now);
    }

    /// The periodic look: true when the queue was empty at the last one and is not any more.
    boolean filledSinceLastLook(Instant now) {
        boolean empty = mb(now) == 0;
        boolean filled = emptyAtLastLook && !empty;
        emptyAtLastLook = empty;
        return filled;
    }
}
