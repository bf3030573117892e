package org.svcshare.demo;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.svcshare.gate.Gate;
import org.svcshare.gate.GateCounts;
import org.svcshare.gate.Moment;

/// Counts how often two gates of the demonstration were open at once, which must be never.
///
/// A gate counts as open from the moment it is told to open until it says that it is closed.
/// Thread-safe.
final class OverlapWatch {
    private final Set<String> open = new HashSet<>();
    private int overlaps;

    /// The same gate, watched.
    Gate watch(String nick, Gate gate) {
        return new Watched(nick, gate);
    }

    synchronized int overlaps() {
        return overlaps;
    }

    private synchronized void opening(String nick) {
        if (open.add(nick) && open.size() > 1) {
            overlaps++;
        }
    }

    private synchronized void closed(String nick) {
        open.remove(nick);
    }

    private final class Watched implements Gate {
        private final String nick;
        private final Gate gate;

        Watched(String nick, Gate gate) {
            this.nick = nick;
            this.gate = gate;
        }

        @Override
        public CompletionStage<Void> open() {
            opening(nick);
            return closedIfFailed(gate.open());
        }

        @Override
        public CompletionStage<Void> open(Moment until) {
            opening(nick);
            return closedIfFailed(gate.open(until));
        }

        private CompletionStage<Void> closedIfFailed(CompletionStage<Void> opening) {
            return opening.whenComplete((_, failure) -> {
                if (failure != null) {
                    closed(nick);
                }
            });
        }

        @Override
        public void extend(Moment until) {
            gate.extend(until);
        }

        @Override
        public CompletionStage<Integer> drain(Duration limit) {
            return gate.drain(limit).whenComplete((_, _) -> closed(nick));
        }

        @Override
        public CompletionStage<Integer> shut() {
            return gate.shut().whenComplete((_, _) -> closed(nick));
        }

        @Override
        public GateCounts counts() {
            return gate.counts();
        }

        @Override
        public int port() {
            return gate.port();
        }

        @Override
        public void limit(long bytesPerSecond) {
            gate.limit(bytesPerSecond);
        }

        @Override
        public void close() {
            gate.close();
            closed(nick);
        }
    }
}
