package org.svcshare.daemon;

import java.io.IOException;
import java.util.List;
import org.svcshare.config.IrcdSettings;
import org.svcshare.config.Settings;

/// Where parts that the command line uses one by one are built.
final class Wiring {
    private Wiring() {}

    static ClientLook look(Settings settings) throws IOException, InterruptedException {
        String type = settings.client().type();
        if (type.equals("proxy")) {
            return new ClientLook(true, List.of("no client program, only the gate"));
        }
        throw new IOException(type + ": not part of this build");
    }

    @SuppressWarnings("DoNotCallSuggester")
    static IrcServer ircServer(IrcdSettings settings) throws IOException {
        throw new IOException(settings.listen() + ": not part of this build");
    }
}
