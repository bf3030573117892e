package org.svcshare.it;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Where the nodes of a group are: what the others know them by, and how they are started there.
public interface NodePlaces extends AutoCloseable {
    /// Where the other nodes reach it, HOST:PORT.
    String address(String node);

    /// Where it answers HTTP.
    default URI http(String node) {
        return URI.create("http://127.0.0.1:" + RealPart.freePort());
    }

    /// Settings that it has there.
    String settings(String node);

    /// With what it is started.
    ///
    /// @param folder of the node
    default Map<String, String> environment(String node, Path folder) {
        return Map.of();
    }

    /// What is put before the command that starts it.
    default List<String> within(String node) {
        return List.of();
    }

    @Override
    void close() throws IOException;
}
