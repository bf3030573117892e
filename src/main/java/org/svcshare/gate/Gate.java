package org.svcshare.gate;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

/// A local TCP port in front of the service that can be opened and closed.
///
/// Safe to call from any thread; the calls return at once. Counts are exact: every byte that was
/// handed to the other side's kernel is counted once, in the moment it was.
public interface Gate extends AutoCloseable {

    /// Binds the port, or stops holding waiting clients, and lets connections through.
    ///
    /// Fails with a `java.io.IOException` whose message is for people when the port is taken.
    CompletionStage<Void> open();

    /// The same, and only until then: not a byte passes later, however late anybody wakes up to
    /// look. When the moment is reached the gate cuts its connections, closes by itself and tells
    /// [GateListener#lapsed].
    ///
    /// Fails as well when the moment is reached already.
    CompletionStage<Void> open(Moment until);

    /// Lets a gate that is open until some moment be open until another. Without effect once that
    /// moment was reached, or where the gate is closed or open without an end.
    void extend(Moment until);

    /// Takes no new connections and closes when the last one has ended, or cuts at the limit.
    ///
    /// @return how many connections had to be cut
    CompletionStage<Integer> drain(Duration limit);

    /// Cuts all connections now (reset, unsent data dropped) and stops listening, or starts what
    /// the settings say for a closed gate.
    ///
    /// Completed when the old port is really gone.
    ///
    /// @return how many connections were cut
    CompletionStage<Integer> shut();

    GateCounts counts();

    /// The port it listens on, also while it is closed; the real one where the setting says 0 and
    /// the gate has been open once.
    int port();

    /// Changes the limit while running.
    ///
    /// @param bytesPerSecond over all connections, each direction; 0 for none
    void limit(long bytesPerSecond);

    /// Shuts and frees everything.
    @Override
    void close();
}
