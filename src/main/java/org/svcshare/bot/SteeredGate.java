package org.svcshare.bot;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.gate.Gate;
import org.svcshare.gate.Moment;
import org.svcshare.turn.TurnEvent;

/// Opens and closes the gate for a bot; what became of it comes as events.
///
/// Without a gate, before the start, nothing happens. Any thread.
final class SteeredGate {
    private static final Logger LOG = LoggerFactory.getLogger(SteeredGate.class);

    private final Consumer<TurnEvent> events;
    private final Runnable changed;
    private volatile @Nullable Gate gate;

    /// @param changed the counts are other ones than before
    SteeredGate(Consumer<TurnEvent> events, Runnable changed) {
        this.events = events;
        this.changed = changed;
    }

    void steer(Gate shutGate) {
        gate = shutGate;
    }

    Optional<Gate> gate() {
        return Optional.ofNullable(gate);
    }

    void open(long turn) {
        gate().ifPresent(ours -> report(turn, ours.open(), () -> {}));
    }

    /// @param until empty when the lease is over already
    /// @param opened runs before anybody hears that it is open
    void open(long turn, Optional<Moment> until, Runnable opened) {
        if (until.isEmpty()) {
            events.accept(new TurnEvent.GateFailed("the lease is over"));
            return;
        }
        gate().ifPresent(ours -> report(turn, ours.open(until.get()), opened));
    }

    private void report(long turn, CompletionStage<Void> opening, Runnable opened) {
        opening.whenComplete((_, failure) -> {
            if (failure == null) {
                LOG.info("gate open, turn={}", turn);
                opened.run();
                events.accept(new TurnEvent.GateOpened());
            } else {
                LOG.error("gate cannot open: {}", message(failure));
                events.accept(new TurnEvent.GateFailed(message(failure)));
            }
        });
    }

    void extend(Moment until) {
        gate().ifPresent(ours -> ours.extend(until));
    }

    void drain(Duration limit) {
        gate().ifPresent(ours -> report(ours.drain(limit)));
    }

    void shut() {
        gate().ifPresent(ours -> report(ours.shut()));
    }

    private void report(CompletionStage<Integer> closing) {
        closing.whenComplete((cut, failure) -> {
            if (failure != null) {
                LOG.error("gate did not close well: {}", message(failure));
            }
            changed.run();
            events.accept(new TurnEvent.GateClosed(cut == null ? 0 : cut));
        });
    }

    private static String message(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
