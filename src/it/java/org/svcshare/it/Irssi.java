package org.svcshare.it;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;
import org.svcshare.config.Endpoint;

/// A real irssi in a terminal of its own (tmux): types, and reads what stands on its screen.
final class Irssi implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Path tmux;
    private final Path home;

    private Irssi(Path tmux, Path home) {
        this.tmux = tmux;
        this.home = home;
    }

    /// Starts it with a folder of its own, connecting at once.
    ///
    /// @param login SASL PLAIN account and password, or nothing
    static Irssi connect(Path folder, Endpoint server, String nick, String... login)
            throws IOException, InterruptedException {
        Path irssi = RealPart.find("irssi");
        Path tmux = RealPart.find("tmux");
        Path home = Files.createDirectories(folder.resolve(nick));
        String sasl =
                login.length < 2
                        ? ""
                        : """
                          sasl_mechanism = "PLAIN"; sasl_username = "%s"; sasl_password = "%s";\
                        """
                                .formatted(login[0], login[1]);
        Files.writeString(
                home.resolve("config"),
                """
                servers = ( {
                  address = "%s"; port = "%d"; chatnet = "test"; autoconnect = "yes";
                } );
                chatnets = { test = { type = "IRC"; %s }; };
                settings = {
                  core = { nick = "%s"; user_name = "%s"; real_name = "Real %s"; };
                  "irc/core" = { cmd_queue_speed = "10msec"; cmds_max_at_once = "100"; };
                  "fe-common/core" = { autocreate_query_level = "NONE"; };
                };
                """
                        .formatted(server.host(), server.port(), sasl, nick, nick, nick));
        // A path to a socket may have some hundred bytes, so it goes by its relative name.
        var started = new Irssi(tmux, home);
        started.run(
                "-f",
                "/dev/null",
                "new-session",
                "-d",
                "-x",
                "150",
                "-y",
                "50",
                irssi + " --home=" + home);
        return started;
    }

    void types(String line) throws IOException, InterruptedException {
        run("send-keys", "-l", line);
        run("send-keys", "Enter");
    }

    /// Waits until the screen shows this in one line.
    void shows(String part) {
        try {
            await().atMost(PATIENCE).until(() -> screen().contains(part));
        } catch (ConditionTimeoutException e) {
            throw new AssertionError("no '" + part + "' on the screen:\n" + screen(), e);
        }
    }

    String screen() {
        try {
            return run("capture-pane", "-p");
        } catch (IOException e) {
            return "(" + e.getMessage() + ")";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "(interrupted)";
        }
    }

    /// Ends this irssi and its terminal, which nobody else uses.
    @Override
    public void close() throws IOException {
        try {
            run("kill-server");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String run(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(tmux.toString(), "-S", "tmux"));
        command.addAll(List.of(arguments));
        var builder =
                new ProcessBuilder(command).directory(home.toFile()).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("TERM", "xterm");
        Process process = builder.start();
        String printed =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        return printed;
    }
}
