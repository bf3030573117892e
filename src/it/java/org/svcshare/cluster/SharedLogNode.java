package org.svcshare.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.svcshare.engine.EngineKit;
import org.svcshare.journal.SharedLog;
import org.svcshare.pool.GroupChange;

/// A process with one node of a group, which appends to the shared log while it leads:
/// `SharedLogNode GROUP NAME FOLDER NAME=PORT…`.
///
/// Prints `at POSITION RECORD` for what it knows to be in the log, and `acts NANOS TERM` while it
/// may act as leader, by the machine's steady clock, which is the same for all processes. Of its
/// standard input it understands `quiet` and `write FILE`, which is answered with `written END`; it
/// ends with it.
final class SharedLogNode {
    private static final int IN_FLIGHT = 200;
    private static final int LONG_BYTES = 1_200_000;
    private static final long ACT_NANOS = 5_000_000;

    private static volatile boolean quiet;

    private SharedLogNode() {}

    public static void main(String[] arguments) throws Exception {
        var peers = new ArrayList<ClusterPeer>();
        for (String each : List.of(arguments).subList(3, arguments.length)) {
            String[] peer = each.split("=", 2);
            peers.add(ClusterPeer.at(peer[0], "127.0.0.1", Integer.parseInt(peer[1])));
        }
        var settings =
                new ClusterSettings(
                        UUID.fromString(arguments[0]),
                        arguments[1],
                        peers,
                        Path.of(arguments[2]),
                        Duration.ofMillis(300),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(10),
                        500,
                        PeerSockets.plain(),
                        List.of(),
                        GroupChange.USUAL,
                        "test");
        try (var engine = ClusterEngine.start(settings, EngineKit.RULES);
                var in = new BufferedReader(new InputStreamReader(System.in, UTF_8))) {
            SharedLog log = engine.sharedLog();
            Thread.ofPlatform().daemon().start(() -> append(arguments[1], log));
            Thread.ofPlatform().daemon().start(() -> act(log));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.equals("quiet")) {
                    quiet = true;
                } else {
                    write(log, Path.of(line.substring("write ".length())));
                }
            }
        }
        System.exit(0);
    }

    private static synchronized void say(String line) {
        // Without its last word it was cut when the process was killed.
        System.out.println(line + " .");
    }

    private static void append(String name, SharedLog log) {
        var room = new Semaphore(IN_FLIGHT);
        long run = ProcessHandle.current().pid();
        for (int i = 0; ; i++) {
            SharedLog.Standing now = log.standing();
            if (!now.leads() || quiet) {
                LockSupport.parkNanos(ACT_NANOS);
                continue;
            }
            String text = name + "." + run + "." + i;
            String record = i % 1_000 == 999 ? text + " ".repeat(LONG_BYTES) : text;
            room.acquireUninterruptibly();
            boolean taken =
                    log.append(
                            now.term(),
                            record.getBytes(UTF_8),
                            new SharedLog.Appended() {
                                @Override
                                public void at(long position) {
                                    room.release();
                                    say("at " + position + " " + text);
                                }

                                @Override
                                public void failed(boolean surelyNot, String why) {
                                    room.release();
                                }
                            });
            if (!taken) {
                room.release();
            }
        }
    }

    /// As whoever leads should: first it lets the lease of the one before it pass.
    private static void act(SharedLog log) {
        long term = -1;
        long since = 0;
        while (true) {
            long now = System.nanoTime();
            SharedLog.Standing standing = log.standing();
            if (standing.leads() && standing.term() != term) {
                term = standing.term();
                since = now;
            }
            long before = System.nanoTime();
            if (term >= 0 && before - since > log.lease().toNanos() && log.holds(term)) {
                say("acts " + before + " " + term);
            }
            LockSupport.parkNanos(ACT_NANOS);
        }
    }

    private static void write(SharedLog log, Path file) throws IOException {
        long end = log.end();
        try (var to = Files.newBufferedWriter(file)) {
            long next = 1;
            while (next <= end) {
                next =
                        log.read(
                                next,
                                1 << 20,
                                (_, record) ->
                                        to.write(UTF_8.decode(record).toString().strip() + "\n"));
            }
        }
        say("written " + end);
    }
}
