package org.svcshare.cli;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The first SIGINT, SIGTERM or SIGHUP stops politely, the second at once.
final class StopSignals {
    private static final Logger LOG = LoggerFactory.getLogger(StopSignals.class);
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    private final Thread caller = Thread.currentThread();
    private final AutoCloseable logs;
    private final AtomicInteger seen = new AtomicInteger();
    private final AtomicReference<@Nullable Runnable> polite = new AtomicReference<>();

    private StopSignals(AutoCloseable logs) {
        this.logs = logs;
    }

    /// Until [#onFirst] is called a signal ends the process at once.
    ///
    /// @param logs closed before the process ends, so that the last lines are not lost
    static StopSignals install(AutoCloseable logs) {
        var signals = new StopSignals(logs);
        for (String name : new String[] {"INT", "TERM", "HUP"}) {
            if (!OsSignal.on(name, number -> signals.received(name, number))) {
                // Not on this system, or taken by the JVM: its default then is to end at once.
                LOG.atDebug().addKeyValue("signal", name).log("signal not handled");
            }
        }
        return signals;
    }

    /// @param stop what to do at the first signal, on a thread of its own
    void onFirst(Runnable stop) {
        polite.set(stop);
    }

    void received(String name, int number) {
        Runnable stop = polite.get();
        if (seen.incrementAndGet() > 1 || stop == null) {
            LOG.atWarn().addKeyValue("signal", name).log("stopping at once");
            end(ExitCode.SIGNAL + number);
            return;
        }
        LOG.atInfo().addKeyValue("signal", name).log("stopping; once more to stop at once");
        // The signal's own thread must stay free for the second one.
        Thread.ofPlatform().name("stop").daemon().start(() -> stop(stop));
    }

    private void stop(Runnable stop) {
        try {
            stop.run();
            caller.join(LAST_WORDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("could not stop in order");
        }
        if (caller.isAlive()) {
            LOG.error("something did not end; ending the process");
            end(ExitCode.FAILED);
        }
    }

    private void end(int code) {
        try {
            logs.close();
        } catch (Exception e) {
            System.err.println("svcshare: " + e.getMessage());
        }
        Runtime.getRuntime().halt(code);
    }
}
