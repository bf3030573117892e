package org.svcshare.gate;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;

/// Ends of JDK sockets.
final class Sockets {
    private Sockets() {}

    /// Sends a reset, or nothing where nothing was connected, and drops what was not sent.
    static void reset(SocketChannel channel) {
        try {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException _) {
            // Already dead: closing is all that is left.
        }
        try {
            channel.close();
        } catch (IOException _) {
            // Nothing is left of it.
        }
    }
}
