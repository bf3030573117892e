package org.svcshare.gate;

import java.nio.channels.SocketChannel;
import java.time.Duration;

/// How the connections of one event loop are joined with the service.
interface Relay {
    Loop loop();

    /// Called once, before anything else; without it nothing on the loop runs.
    void start();

    /// @param client accepted, with nothing read yet; the pair takes it over
    Pair pair(long id, Lane lane, SocketChannel client, Pair.Owner owner);

    /// Lets the kernel see at once what was closed in this turn; on the loop.
    void letGo();

    /// Ends the loop; from any thread.
    void stop();

    /// Not on the loop.
    void awaitEnd(Duration atMost);
}
