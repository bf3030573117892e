package org.svcshare.pool;

import java.util.List;
import java.util.Random;
import java.util.Set;

/// Prints how much heap a waiter takes: `java -cp target/classes:target/test-classes
/// org.svcshare.pool.TableWeight [WAITERS]`. For bench/locks.sh; not a test.
final class TableWeight {
    private TableWeight() {}

    public static void main(String[] arguments) {
        int waiters = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100_000;
        var random = new Random(1);
        var table = new LockTable(effect -> {});
        table.apply(
                new Operation.Configure(
                        new TableRules(
                                List.of(),
                                new PoolRules("*", 1, 0, waiters, Set.of()),
                                waiters + 1,
                                60_000,
                                1000)),
                0);
        long before = usedBytes();
        for (int i = 0; i <= waiters; i++) {
            // Each with a name of its own, as over HTTP: nothing is shared but the pool's.
            table.apply(
                    new Operation.Acquire(
                            new RequestId(random.nextLong(), random.nextLong()),
                            "pool",
                            "host-%06d".formatted(i),
                            "",
                            Mode.EXCLUSIVE,
                            600_000 + i,
                            0,
                            0,
                            false),
                    i);
        }
        long after = usedBytes();
        System.out.printf(
                "waiters=%d heap_bytes_per_waiter=%.0f%n",
                table.view().size() - 1, (after - before) / (double) waiters);
    }

    private static long usedBytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
