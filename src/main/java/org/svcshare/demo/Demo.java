package org.svcshare.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.CommandSettings;
import org.svcshare.config.Endpoint;
import org.svcshare.config.GateSettings;
import org.svcshare.config.IrcSettings;
import org.svcshare.config.IrcdSettings;
import org.svcshare.config.TlsSettings;
import org.svcshare.ircd.Ircd;
import org.svcshare.turn.Policy;
import org.svcshare.turn.TurnSettings;

/// Three bots taking turns on the embedded server, for people to watch and to talk to.
public final class Demo {
    private static final Logger LOG = LoggerFactory.getLogger(Demo.class);
    private static final String CHANNEL = "#svcshare";
    private static final List<String> NICKS = List.of("anna", "ben", "carl");
    private static final long SERVICE_BYTES_PER_SECOND = 12L * 1024 * 1024;
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

    /// @param length empty to run until the process is stopped
    /// @param json prints the summary as one JSON document on `out`, and all else on `err`
    /// @param colour nicks in colour
    /// @param ircPort where people join with their own client; 0 for a free port
    public record Options(
            Optional<Duration> length, boolean json, boolean colour, int ircPort, String version) {}

    private Demo() {}

    /// Blocks until the time is over or the thread is interrupted, then stops everything and prints
    /// the summary.
    ///
    /// @return the exit code: 0, or 1 when two gates were open at once
    /// @throws IOException when a port is taken; the message is for people
    public static int run(Options options, PrintStream out, PrintStream err) throws IOException {
        PrintStream talk = options.json() ? err : out;
        Path folder = Files.createTempDirectory("svcshare-demo");
        var watch = new OverlapWatch();
        Summary summary;
        try (var transcript = new Transcript(talk, options.colour());
                var ircd = Ircd.start(ircd(options.ircPort()), transcript);
                var service = new SampleService(SERVICE_BYTES_PER_SECOND)) {
            introduce(talk, ircd.listening());
            transcript.start();
            var people = new ArrayList<Participant>();
            try {
                for (String nick : NICKS) {
                    people.add(
                            participant(nick, options, ircd, service, watch, folder.resolve(nick)));
                }
                people.forEach(Participant::start);
                waitFor(options.length());
                summary = stop(people, watch);
            } finally {
                people.forEach(Participant::close);
            }
        } finally {
            delete(folder);
        }
        if (options.json()) {
            summary.printJson(out);
        } else {
            summary.printText(out);
        }
        return summary.overlaps() == 0 ? 0 : 1;
    }

    private static void introduce(PrintStream talk, Endpoint server) {
        talk.println(
                """
                Three bots share one service. What follows is the talk in their channel.

                Join them with your own IRC client:
                    server %s, no TLS      channel %s
                    irssi -c %s -p %d      then: /join %s
                and try:
                    .status                who is running, and how far (only running bots answer)
                    anna: election         let anna's bot ask for the turn
                    ben: force 20          ben's bot goes first for 20 MB
                    carl: halt 1           carl's bot keeps still for a minute; unhalt ends it
                    anna: enqueue 50       50 MB more for anna's client
                    ben: why               why the last decision fell as it did
                    carl: help             all commands
                Stop with Ctrl-C.
                """
                        .formatted(server, CHANNEL, server.host(), server.port(), CHANNEL));
        talk.flush();
    }

    private static Participant participant(
            String nick,
            Options options,
            Ircd ircd,
            SampleService service,
            OverlapWatch watch,
            Path folder)
            throws IOException {
        var gate =
                new GateSettings(
                        new Endpoint("127.0.0.1", 0),
                        List.of(new Endpoint("127.0.0.1", service.port())),
                        TlsSettings.OFF,
                        GateSettings.WhenClosed.REFUSE,
                        Duration.ofSeconds(30),
                        0,
                        0,
                        Duration.ofSeconds(5),
                        Duration.ZERO,
                        List.of());
        var commands = new CommandSettings(nick, List.of(), Map.of("enqueue", List.of("anyone")));
        return new Participant(
                turn(nick, options.version()),
                irc(nick, ircd.listening()),
                commands,
                gate,
                watch,
                folder,
                new Random());
    }

    /// The defaults at a pace that one can watch.
    private static TurnSettings turn(String owner, String version) {
        return new TurnSettings(
                owner,
                version,
                Policy.SMALLEST_QUEUE,
                true,
                true,
                false,
                false,
                true,
                false,
                Duration.ofMinutes(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(20),
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(3),
                Duration.ofSeconds(6),
                Duration.ofSeconds(2),
                Duration.ofSeconds(20),
                Duration.ofSeconds(3),
                Duration.ofMillis(500),
                Duration.ZERO,
                Duration.ofSeconds(2),
                Duration.ZERO);
    }

    private static IrcSettings irc(String nick, Endpoint server) {
        return new IrcSettings(
                server,
                TlsSettings.OFF,
                nick,
                nick,
                "svcshare demonstration",
                CHANNEL,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                IrcSettings.SaslSettings.NONE,
                Optional.empty(),
                true,
                Duration.ofSeconds(5),
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                Duration.ofSeconds(2),
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                20,
                Duration.ofMillis(100),
                false);
    }

    private static IrcdSettings ircd(int port) {
        return new IrcdSettings(
                true,
                new Endpoint("127.0.0.1", port),
                "irc.local",
                "svcshare-demo",
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of("Welcome. Join " + CHANNEL + " and watch the bots take turns."),
                50,
                30,
                Duration.ofMillis(100),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30));
    }

    private static void waitFor(Optional<Duration> length) {
        try {
            Thread.sleep(length.orElse(Duration.ofDays(36_500)));
        } catch (InterruptedException e) {
            LOG.debug("stopped by hand", e);
        }
    }

    /// All at once, as they would when a network goes down: each gives its turn up by itself.
    private static Summary stop(List<Participant> people, OverlapWatch watch) {
        try (var stopping = Executors.newVirtualThreadPerTaskExecutor()) {
            people.forEach(person -> stopping.execute(() -> person.stop(STOP_LIMIT)));
        }
        List<Summary.Share> shares = people.stream().map(Participant::share).toList();
        int turns = shares.stream().mapToInt(Summary.Share::turns).sum();
        return new Summary(turns, watch.overlaps(), shares);
    }

    static void delete(Path folder) {
        try (var files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            LOG.warn("{} could not be removed: {}", folder, e.toString());
        }
    }
}
