package org.svcshare.gate;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Endpoint;

/// Looks for a target that answers, for one connection: in the order of the settings, each with all
/// its addresses, each with the same time for looking up, connecting and TLS.
///
/// Owned by its loop.
final class Dialer {

    /// Who wants to be connected. In the end exactly one of [#connected] and [#unreachable] is
    /// called, unless the dialer is cancelled.
    interface Line {
        /// Tries one address, and tells the attempt how it went, now or later.
        void connect(InetSocketAddress address, Endpoint target, Attempt attempt);

        /// Gives up what the last [#connect] began or reached.
        void hangUp();

        /// The last [#connect] succeeded.
        void connected(Endpoint target);

        /// @param why for people, one part for each target
        void unreachable(String why);
    }

    private static final int MOST_ADDRESSES = 8;

    private final Loop loop;
    private final Resolver resolver;
    private final long timeoutNanos;
    private final Deque<Endpoint> targets;
    private final Deque<InetAddress> addresses = new ArrayDeque<>();
    private final List<String> problems = new ArrayList<>();
    private @Nullable Line line;
    private @Nullable Endpoint target;
    private String addressProblem = "";
    private boolean connecting;
    private long attemptNanos;

    /// Changes with every attempt, so that what comes late of an earlier one is known as such.
    private int attempt;

    /// One address that is being tried; what comes late is of no consequence.
    final class Attempt {
        private final int mine = begin();

        boolean current() {
            return mine == attempt;
        }

        void succeeded() {
            if (current()) {
                Dialer.this.succeeded();
            }
        }

        void failed(String why) {
            if (current()) {
                Dialer.this.failed(why);
            }
        }
    }

    Dialer(Loop loop, Resolver resolver, Duration timeout, List<Endpoint> targets) {
        this.loop = loop;
        this.resolver = resolver;
        this.timeoutNanos = timeout.toNanos();
        this.targets = new ArrayDeque<>(targets);
    }

    void dial(Line caller) {
        line = caller;
        nextTarget();
    }

    /// Gives up silently.
    void cancel() {
        Line waiting = line;
        line = null;
        attempt++;
        if (waiting != null) {
            waiting.hangUp();
        }
    }

    /// Called from time to time, for the connect timeout.
    void tick(long nowNanos) {
        if (line != null && timeoutNanos > 0 && nowNanos - attemptNanos >= timeoutNanos) {
            String phase = connecting ? "no answer" : "no answer from the name server";
            failed(phase + " within " + Duration.ofNanos(timeoutNanos).toMillis() + " ms");
        }
    }

    private void nextTarget() {
        Line waiting = line;
        if (waiting == null) {
            return;
        }
        target = targets.poll();
        addressProblem = "";
        Endpoint next = target;
        if (next == null) {
            line = null;
            waiting.unreachable(
                    problems.isEmpty() ? "no target is set" : String.join("; ", problems));
            return;
        }
        Attempt mine = new Attempt();
        Consumer<Resolver.Answer> found =
                answer -> {
                    if (mine.current()) {
                        addresses.clear();
                        answer.addresses().stream().limit(MOST_ADDRESSES).forEach(addresses::add);
                        addressProblem = answer.problem();
                        nextAddress();
                    }
                };
        Optional<InetAddress> literal = Resolver.literal(next.host());
        if (literal.isPresent()) {
            found.accept(new Resolver.Answer(List.of(literal.get()), ""));
        } else {
            resolver.resolve(next.host(), loop, found);
        }
    }

    private void nextAddress() {
        Line waiting = line;
        Endpoint next = target;
        InetAddress address = addresses.poll();
        if (next == null || waiting == null) {
            return;
        }
        if (address == null) {
            problems.add(next + ": " + addressProblem);
            nextTarget();
            return;
        }
        Attempt mine = new Attempt();
        connecting = true;
        waiting.connect(new InetSocketAddress(address, next.port()), next, mine);
    }

    private void succeeded() {
        Line waiting = line;
        Endpoint reached = target;
        line = null;
        attempt++;
        if (waiting != null && reached != null) {
            waiting.connected(reached);
        }
    }

    private void failed(String why) {
        attempt++;
        addressProblem = why;
        if (line != null && connecting) {
            line.hangUp();
        }
        nextAddress();
    }

    private int begin() {
        attemptNanos = System.nanoTime();
        connecting = false;
        return ++attempt;
    }
}
