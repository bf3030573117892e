package org.svcshare.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import org.svcshare.config.Settings;
import org.svcshare.config.SettingsException;
import org.svcshare.config.SettingsReader;

/// What one of our bots needs on disk: its settings with short times, its state, and a file with
/// its queue in MB, which its client program (`cat`) prints.
final class BotFolder {
    final String nick;
    final Path folder;
    final int gatePort = RealPart.freePort();
    private final Path queue;
    private final Path config;

    /// @param more settings that go before those of here
    BotFolder(Path parent, String nick, String ircServer, int targetPort, String more) {
        this.nick = nick;
        folder = parent.resolve(nick);
        queue = folder.resolve("queue");
        config = folder.resolve("config.conf");
        try {
            Files.createDirectories(folder);
            queue(0);
            Files.writeString(
                    config,
                    """
                    owner = boss
                    state-folder = "%1$s/state"
                    http.enabled = false
                    irc {
                      server = "%2$s"
                      nick = "%3$s"
                      channel = "#usenet"
                      flood-burst = 20
                      flood-interval = 20ms
                      reconnect-min = 200ms
                      reconnect-max = 1s
                      rejoin-after = 300ms
                    }
                    gate {
                      listen = "127.0.0.1:%4$d"
                      targets = ["127.0.0.1:%5$d"]
                    }
                    client {
                      type = exec
                      poll-every = 500ms
                      exec { queue = [cat, "%6$s"], pause = ["true"], resume = ["true"] }
                    }
                    turn {
                      first-check = 500ms
                      unhalt-after = 500ms
                      queue-check-every = 1h
                      transition-every = 1h
                      connections-every = 1s
                      legacy-election-timeout = 8s
                      handover-quiet = 500ms
                      linger = 10m
                    }
                    %7$s
                    """
                            .formatted(folder, ircServer, nick, gatePort, targetPort, queue, more));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What its client has left from its next look on.
    void queue(double mb) {
        try {
            Path fresh = Files.writeString(folder.resolve("queue.new"), mb + "\n");
            Files.move(fresh, queue, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path config() {
        return config;
    }

    Settings settings() throws SettingsException {
        return new SettingsReader(Map.of(), "boss", folder, "1.0-test").read(config).settings();
    }

    /// Seen from outside: its port is listened on.
    boolean gateOpen() {
        return OpenPorts.has(gatePort);
    }
}
