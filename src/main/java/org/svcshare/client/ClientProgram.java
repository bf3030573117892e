package org.svcshare.client;

import java.util.List;
import org.svcshare.turn.QueueSnapshot;

/// A program that the bot pauses and resumes. All calls block, are bounded by the settings'
/// timeout, and are made from virtual threads, one at a time.
public interface ClientProgram extends AutoCloseable {

    /// Which program answers there.
    Probe probe() throws ClientException, InterruptedException;

    QueueSnapshot snapshot() throws ClientException, InterruptedException;

    /// Stops downloading. Where the program has no pause of its own that keeps the state of single
    /// items, stops the items and remembers which.
    void pause() throws ClientException, InterruptedException;

    /// Wakes what [#pause] stopped, and nothing that the user had paused by hand.
    void resume() throws ClientException, InterruptedException;

    /// @param ids URLs, magnets or ids, as the program understands them
    /// @return what the program took, in its own terms
    List<String> enqueue(List<String> ids) throws ClientException, InterruptedException;

    /// @param bytesPerSecond 0 for no limit
    void limit(long bytesPerSecond) throws ClientException, InterruptedException;

    /// Whether there is a queue to ask for; false for `proxy`, whose snapshot is always empty.
    default boolean asked() {
        return true;
    }

    @Override
    void close();

    /// @param name the program's
    record Probe(String name, String version) {}
}
