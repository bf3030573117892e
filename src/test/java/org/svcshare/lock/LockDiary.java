package org.svcshare.lock;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Writes down what a lock tells, and the reason with what went wrong.
final class LockDiary {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    final NamedLock lock;
    private final List<String> told = new CopyOnWriteArrayList<>();

    LockDiary(NamedLock lock) {
        this.lock = lock;
        lock.onObtained(0, _ -> told.add("obtained"));
        lock.onTimeOver(0, l -> told.add("time over, " + l.reason()));
        lock.onFailed(0, l -> told.add("failed, " + l.reason()));
        lock.onFinally(0, l -> told.add("finally, " + l.reason()));
    }

    static LockDiary of(NamedLock lock) {
        return new LockDiary(lock);
    }

    /// Waits until it says so, and forgets it.
    void tells(String... lines) {
        await(lock + " tells " + List.of(lines) + ", and told " + told)
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> told.size() >= lines.length);
        List<String> first = List.copyOf(told).subList(0, lines.length);
        if (!first.equals(List.of(lines))) {
            throw new AssertionError("expected " + List.of(lines) + ", found " + told);
        }
        told.subList(0, lines.length).clear();
    }

    List<String> told() {
        return List.copyOf(told);
    }
}
