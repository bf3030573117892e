package org.svcshare.cli;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.svcshare.cli.RunEvent.Caught;
import org.svcshare.lock.Stop;

/// Where signals and the end of a command arrive. Bounded by how often they can happen.
final class Inbox {
    private final LinkedBlockingQueue<RunEvent> events = new LinkedBlockingQueue<>();
    private final Thread main = Thread.currentThread();

    /// Ends what is waited for before the command runs.
    private final Stop stop = new Stop();

    private @Nullable Caught first;
    private boolean waitingAtFile;

    /// From now on SIGINT, SIGTERM and SIGHUP do not end this process.
    void catchSignals() {
        for (String name : new String[] {"INT", "TERM", "HUP"}) {
            // What this system does not have cannot come.
            boolean _ = OsSignal.on(name, number -> caught(new Caught(name, number)));
        }
    }

    void caught(Caught signal) {
        synchronized (this) {
            if (first == null) {
                first = signal;
            }
            if (waitingAtFile) {
                main.interrupt();
            }
        }
        stop.pull();
        put(signal);
    }

    void put(RunEvent event) {
        events.add(event);
    }

    /// Pulled by the first signal.
    Stop stop() {
        return stop;
    }

    /// The first signal that came.
    synchronized Optional<Caught> first() {
        return Optional.ofNullable(first);
    }

    /// Whether a signal is to interrupt the thread that made this.
    ///
    /// @return false when one came before
    synchronized boolean waitingAtFile(boolean waiting) {
        waitingAtFile = waiting;
        return first == null;
    }

    /// @return empty when nothing happened for so long
    Optional<RunEvent> next(Duration limit) throws InterruptedException {
        return Optional.ofNullable(events.poll(limit.toNanos(), TimeUnit.NANOSECONDS));
    }
}
