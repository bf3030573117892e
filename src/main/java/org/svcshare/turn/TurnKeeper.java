package org.svcshare.turn;

import java.time.Instant;
import java.util.List;
import java.util.random.RandomGenerator;

/// Decides when this bot's gate is open: takes events, returns effects.
///
/// Not thread-safe; the owning loop (`bot`) is the only caller.
public final class TurnKeeper {
    private final KeptState kept;
    private final String bootId;

    /// @param random draws election delays and the boot id; seed it to repeat a run
    public TurnKeeper(TurnSettings settings, KeptState kept, RandomGenerator random) {
        this.kept = kept;
        this.bootId = String.format("%016x", random.nextLong());
    }

    /// What to do first: close the gate, pause the client. Call once, before any event.
    public List<TurnEffect> start(Instant now) {
        return List.of(new TurnEffect.CloseGate(), new TurnEffect.PauseClient());
    }

    /// Applies one event.
    ///
    /// @param now when it happened; never goes back
    /// @return what to do, in this order
    public List<TurnEffect> on(TurnEvent event, Instant now) {
        return List.of(new TurnEffect.Keep(kept));
    }

    /// This bot's boot id, 16 hexadecimal digits.
    public String bootId() {
        return bootId;
    }

    public TurnView view() {
        return new TurnView(
                "", false, 0, false, false, true, null, 0, 0, 0, false, List.of(), false, "");
    }
}
