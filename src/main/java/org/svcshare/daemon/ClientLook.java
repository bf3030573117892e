package org.svcshare.daemon;

import java.io.IOException;
import java.util.List;
import org.svcshare.config.Settings;

/// One look at the client program: which answers, whether it lets us in, its queue.
///
/// @param ok whether turns can be taken with it
/// @param lines the same for people, one fact each
public record ClientLook(boolean ok, List<String> lines) {

    /// Asks the program that the settings name and changes nothing.
    ///
    /// @throws IOException when it cannot be asked at all; the message is for people
    public static ClientLook at(Settings settings) throws IOException, InterruptedException {
        return Wiring.look(settings);
    }
}
