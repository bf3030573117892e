package org.svcshare.daemon;

import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;
import org.svcshare.client.ClientCheck;
import org.svcshare.client.ClientPrograms;
import org.svcshare.client.PausedItems;
import org.svcshare.config.IrcdSettings;
import org.svcshare.config.Settings;
import org.svcshare.ircd.Ircd;

/// Where parts that the command line uses one by one are built.
final class Wiring {
    private Wiring() {}

    static ClientLook look(Settings settings) throws IOException, InterruptedException {
        try (var program = ClientPrograms.open(settings.client(), new NothingPaused())) {
            var outcome = ClientCheck.run(program);
            return new ClientLook(outcome.ok(), outcome.lines());
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    static IrcServer ircServer(IrcdSettings settings) throws IOException {
        Ircd ircd = Ircd.start(settings);
        return new IrcServer() {
            @Override
            public String address() {
                return ircd.listening().toString();
            }

            @Override
            public void close() {
                ircd.close();
            }
        };
    }

    /// A look changes nothing, so there is nothing to remember.
    private static final class NothingPaused implements PausedItems {
        @Override
        public Set<String> load() {
            return new LinkedHashSet<>();
        }

        @Override
        public void save(Set<String> ids) {
            throw new IllegalStateException("a look pauses nothing: " + ids);
        }
    }
}
