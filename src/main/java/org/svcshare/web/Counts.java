package org.svcshare.web;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/// What the server counts about itself, on all loops together.
final class Counts {
    final AtomicInteger connections = new AtomicInteger();
    final LongAdder requests = new LongAdder();
    final LongAdder refusedConnections = new LongAdder();
    final LongAdder slowReaders = new LongAdder();
    final AtomicInteger streams = new AtomicInteger();

    void slowReader() {
        slowReaders.increment();
    }
}
