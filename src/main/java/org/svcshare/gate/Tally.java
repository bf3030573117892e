package org.svcshare.gate;

import java.util.concurrent.atomic.LongAdder;

/// The totals of one gate; written by its event loops, read by anybody.
final class Tally {
    final LongAdder upBytes = new LongAdder();
    final LongAdder downBytes = new LongAdder();
    final LongAdder opened = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder knocks = new LongAdder();

    void moved(Direction direction, long bytes) {
        (direction == Direction.UP ? upBytes : downBytes).add(bytes);
    }
}
