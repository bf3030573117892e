package org.svcshare.sim;

import java.util.concurrent.TimeUnit;
import org.svcshare.gate.Moment;

/// The clocks of one machine: both run a little fast or slow, the monotonic one stands still while
/// the machine sleeps, the wall clock is set now and then.
final class SimClock {
    private final Sim sim;
    private final double rate;
    private long sinceNanos;
    private double monotonic;
    private double wall = 1_800_000_000_000.0 * Sim.MILLI;
    private boolean asleep;

    /// @param rate 1 for right
    SimClock(Sim sim, double rate) {
        this.sim = sim;
        this.rate = rate;
        this.sinceNanos = sim.nanos();
        this.monotonic = sim.random().nextLong(-Sim.SECOND, 1000 * Sim.SECOND);
    }

    private void catchUp() {
        double passed = (sim.nanos() - sinceNanos) * rate;
        sinceNanos = sim.nanos();
        wall += passed;
        if (!asleep) {
            monotonic += passed;
        }
    }

    Moment now() {
        catchUp();
        return new Moment((long) monotonic, TimeUnit.NANOSECONDS.toMillis((long) wall));
    }

    void set(long byMillis) {
        catchUp();
        wall += byMillis * (double) Sim.MILLI;
    }

    void sleep(boolean falls) {
        catchUp();
        asleep = falls;
    }

    /// How long it really takes until so much has passed here, awake.
    long real(long nanos) {
        return (long) Math.ceil(nanos / rate);
    }
}
