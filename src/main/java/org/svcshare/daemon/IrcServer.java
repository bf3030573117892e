package org.svcshare.daemon;

import java.io.IOException;
import org.svcshare.config.IrcdSettings;

/// The embedded IRC server on its own, without a bot.
public interface IrcServer extends AutoCloseable {

    /// @throws IOException when a port is taken or the certificate cannot be used; the message is
    ///   for people
    static IrcServer start(IrcdSettings settings) throws IOException {
        return Wiring.ircServer(settings);
    }

    /// Where it listens, for people; the real port where the settings say 0.
    String address();

    /// Disconnects everybody and frees the ports.
    @Override
    void close();
}
