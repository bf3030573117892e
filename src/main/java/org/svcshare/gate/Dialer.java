package org.svcshare.gate;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
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
/// Owned by the event loop of its lane.
final class Dialer {

    /// Exactly one of these is called, unless the dialer is cancelled.
    interface Outcome {
        /// Adds what belongs into the pipeline of a channel that is about to connect.
        void prepare(NioStream candidate);

        void connected(NioStream channel, Endpoint endpoint);

        /// @param why for people, one part for each target
        void unreachable(String why);
    }

    private static final int MOST_ADDRESSES = 8;

    private final Lane lane;
    private final Resolver resolver;
    private final Optional<TargetTls> tls;
    private final long timeoutNanos;
    private final Deque<Endpoint> targets;
    private final Deque<InetAddress> addresses = new ArrayDeque<>();
    private final List<String> problems = new ArrayList<>();
    private @Nullable Outcome outcome;
    private @Nullable Endpoint target;
    private @Nullable NioStream candidate;
    private String addressProblem = "";
    private long attemptNanos;

    /// Changes with every attempt, so that what comes late of an earlier one is known as such.
    private int attempt;

    Dialer(
            Lane lane,
            Resolver resolver,
            Optional<TargetTls> tls,
            Duration timeout,
            List<Endpoint> targets) {
        this.lane = lane;
        this.resolver = resolver;
        this.tls = tls;
        this.timeoutNanos = timeout.toNanos();
        this.targets = new ArrayDeque<>(targets);
    }

    void dial(Outcome outcome) {
        this.outcome = outcome;
        nextTarget();
    }

    /// Gives up silently.
    void cancel() {
        outcome = null;
        attempt++;
        drop();
    }

    /// Called from time to time, for the connect timeout.
    void tick(long nowNanos) {
        if (outcome != null && timeoutNanos > 0 && nowNanos - attemptNanos >= timeoutNanos) {
            String phase = candidate == null ? "no answer from the name server" : "no answer";
            failed(phase + " within " + Duration.ofNanos(timeoutNanos).toMillis() + " ms");
        }
    }

    private void nextTarget() {
        Outcome waiting = outcome;
        if (waiting == null) {
            return;
        }
        target = targets.poll();
        addressProblem = "";
        Endpoint next = target;
        if (next == null) {
            outcome = null;
            waiting.unreachable(
                    problems.isEmpty() ? "no target is set" : String.join("; ", problems));
            return;
        }
        int mine = begin();
        Consumer<Resolver.Answer> found =
                answer -> {
                    if (mine == attempt) {
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
            resolver.resolve(next.host(), lane.loop(), found);
        }
    }

    private void nextAddress() {
        Endpoint next = target;
        InetAddress address = addresses.poll();
        if (next == null || outcome == null) {
            return;
        }
        if (address == null) {
            problems.add(next + ": " + addressProblem);
            nextTarget();
            return;
        }
        int mine = begin();
        NioStream channel;
        try {
            channel = new NioStream();
        } catch (RuntimeException e) {
            // Out of descriptors, most likely.
            failed(Problems.of(e));
            return;
        }
        candidate = channel;
        SslHandler secure = null;
        if (tls.isPresent()) {
            secure = tls.get().handler(channel.alloc(), next);
            secure.setHandshakeTimeoutMillis(0);
            secure.setWrapDataSize(Flow.RECORD_BYTES);
            channel.pipeline().addLast(secure);
        }
        outcome.prepare(channel);
        channel.config().setConnectTimeoutMillis(0);
        lane.register(channel);
        connect(channel, new InetSocketAddress(address, next.port()), secure, mine);
    }

    private void connect(
            NioStream channel, InetSocketAddress address, @Nullable SslHandler secure, int mine) {
        if (secure != null) {
            secure.handshakeFuture()
                    .addListener(shaken -> {
                        if (mine == attempt) {
                            if (shaken.isSuccess()) {
                                succeeded(channel);
                            } else {
                                failed("TLS: " + Problems.of(shaken.cause()));
                            }
                        }
                    });
        }
        channel.connect(address)
                .addListener(connected -> {
                    if (mine != attempt) {
                        return;
                    }
                    if (!connected.isSuccess()) {
                        failed(Problems.of(connected.cause()));
                    } else if (secure == null) {
                        succeeded(channel);
                    } else {
                        channel.read();
                    }
                });
    }

    private void succeeded(NioStream channel) {
        Outcome waiting = outcome;
        Endpoint reached = target;
        outcome = null;
        candidate = null;
        attempt++;
        if (waiting != null && reached != null) {
            waiting.connected(channel, reached);
        }
    }

    private void failed(String why) {
        attempt++;
        addressProblem = why;
        drop();
        nextAddress();
    }

    private int begin() {
        attemptNanos = System.nanoTime();
        return ++attempt;
    }

    private void drop() {
        Channel unwanted = candidate;
        candidate = null;
        if (unwanted != null) {
            Lane.reset(unwanted);
        }
    }
}
