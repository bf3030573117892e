package org.svcshare.lock;

import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A handle by which another thread ends a request. Thread-safe.
public final class Stop {
    private final CountDownLatch pulled = new CountDownLatch(1);
    private @Nullable Closeable open;

    /// Ends what is under way; what begins later ends at once.
    public void pull() {
        pulled.countDown();
        Closeable at;
        synchronized (this) {
            at = open;
        }
        close(at);
    }

    public boolean pulled() {
        return pulled.getCount() == 0;
    }

    /// Waits a moment; an interrupt pulls it.
    ///
    /// @return false when it is pulled
    public boolean rest(long millis) {
        try {
            return !pulled.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            pull();
            return false;
        }
    }

    /// What is to be closed when it is pulled.
    void watch(@Nullable Closeable connection) {
        synchronized (this) {
            open = connection;
        }
        if (pulled()) {
            close(connection);
        }
    }

    private static void close(@Nullable Closeable connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (IOException _) {
                // It was on its way out.
            }
        }
    }
}
