package org.svcshare.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.svcshare.lock.Access;
import org.svcshare.lock.Answer;
import org.svcshare.lock.Answer.Release;
import org.svcshare.lock.Ask;
import org.svcshare.lock.HeldLock;
import org.svcshare.lock.LockClient;
import org.svcshare.lock.LockId;
import org.svcshare.lock.ServerAddress;
import org.svcshare.lock.Stop;
import org.svcshare.pool.Mode;
import tools.jackson.databind.json.JsonMapper;

/// A group of nodes on this machine and some who share a lock of it, for people to watch: the
/// leader is killed again and again, and the lock is neither lost nor had by two.
public final class GroupDemo {
    private static final String POOL = "demo";
    private static final int WORKERS = 8;
    private static final Duration CALM = Duration.ofSeconds(4);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration TTL = Duration.ofSeconds(60);
    private static final long LOOK_MS = 20;

    private final Options options;
    private final List<NodeProcess> nodes;
    private final Stage stage;
    private final Tally tally = new Tally();
    private final Stop stop = new Stop();
    private long untilNanos;
    private int kills;
    private Duration longestGap = Duration.ZERO;

    /// @param length from when the group is there; empty to run until the thread is interrupted
    /// @param json prints the summary as one JSON document on `out`, and all else on `err`
    /// @param nodes 3 to 7
    public record Options(Optional<Duration> length, boolean json, int nodes) {}

    /// What it came to.
    ///
    /// @param longestGapMs the longest time in which nobody got the lock, after a kill
    /// @param lost locks that the group had forgotten when they were given back
    /// @param doubled grants while somebody else had the lock, or with a token that did not grow
    record Result(int nodes, long grants, int kills, long longestGapMs, long lost, long doubled) {
        boolean good() {
            return lost == 0 && doubled == 0 && grants > 0;
        }
    }

    private GroupDemo(Options options, PrintStream talk, List<NodeProcess> nodes) {
        this.options = options;
        this.nodes = nodes;
        stage = new Stage(talk, nodes.stream().map(node -> node.program).toList());
    }

    /// Blocks until the time is over or the thread is interrupted, then ends all nodes and prints
    /// the summary.
    ///
    /// @return the exit code: 0, or 1 when a lock was lost or had by two
    /// @throws IOException when the nodes do not start; the message is for people
    public static int run(Options options, PrintStream out, PrintStream err) throws IOException {
        Path folder = Files.createTempDirectory("svcshare-cluster");
        Result result;
        try {
            var demo = new GroupDemo(options, options.json() ? err : out, nodes(folder, options));
            result = demo.play();
        } finally {
            Demo.delete(folder);
        }
        if (options.json()) {
            out.println(JsonMapper.shared().writeValueAsString(result));
        } else {
            print(result, out);
        }
        out.flush();
        return result.good() ? 0 : 1;
    }

    private static List<NodeProcess> nodes(Path folder, Options options) throws IOException {
        List<Integer> ports = freePorts(3 * options.nodes());
        List<String> peers =
                IntStream.range(0, options.nodes())
                        .mapToObj(i -> "n" + (i + 1) + "=127.0.0.1:" + ports.get(3 * i + 1))
                        .toList();
        var nodes = new ArrayList<NodeProcess>();
        for (int i = 0; i < options.nodes(); i++) {
            nodes.add(new NodeProcess(folder, "n" + (i + 1), ports.get(3 * i), peers));
        }
        return nodes;
    }

    /// A run of ports that were free just now.
    static List<Integer> freePorts(int count) throws IOException {
        for (int tries = 0; tries < 100; tries++) {
            int first = ThreadLocalRandom.current().nextInt(15_000, 30_000);
            var held = new ArrayList<ServerSocket>();
            try {
                for (int port = first; port < first + count; port++) {
                    held.add(new ServerSocket(port, 1, InetAddress.getLoopbackAddress()));
                }
                return IntStream.range(first, first + count).boxed().toList();
            } catch (IOException _) {
                // Taken; another run.
            } finally {
                for (ServerSocket socket : held) {
                    socket.close();
                }
            }
        }
        throw new IOException("no " + count + " free ports in a row");
    }

    private Result play() throws IOException {
        try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
            try {
                stage.start();
                introduce();
                String leader = awaitLeader(node -> true);
                stage.say("%s leads", leader);
                untilNanos =
                        System.nanoTime()
                                + options.length().orElse(Duration.ofDays(36_500)).toNanos();
                for (int i = 1; i <= WORKERS; i++) {
                    String worker = "worker-" + i;
                    workers.execute(() -> work(worker));
                }
                goOn();
            } catch (InterruptedException _) {
                stage.say("stopped");
            } finally {
                stop.pull();
                stage.stop();
            }
        }
        return new Result(
                nodes.size(),
                tally.grants(),
                kills,
                longestGap.toMillis(),
                tally.lostLocks(),
                tally.doubledLocks());
    }

    private void introduce() {
        String servers =
                nodes.stream()
                        .map(node -> node.address.host() + ":" + node.address.port())
                        .collect(Collectors.joining(","));
        stage.introduce(
                """
                %d nodes keep the locks of one group, all on this machine, and %d workers take turns
                with one lock, each through any node. Now and then the leader is killed (kill -9).

                Look yourself, in another terminal:
                    bin/svcshare cluster status --server %s
                    bin/svcshare lock --server %s mine -- sleep 60
                Stop with Ctrl-C.
                """
                        .formatted(nodes.size(), WORKERS, servers, servers));
    }

    private void goOn() throws InterruptedException, IOException {
        rest(CALM);
        while (!over()) {
            String leader = awaitLeader(_ -> true);
            NodeProcess killed = node(leader);
            stage.say("%s, the leader, is killed; %,d grants so far", leader, tally.grants());
            tally.watchGaps();
            killed.program.kill();
            kills++;
            long before = tally.grants();
            String next = awaitLeader(node -> node.program.runs() && !node.name.equals(leader));
            stage.await("a grant", () -> tally.grants() > before + WORKERS);
            Duration gap = tally.longestGap();
            longestGap = longestGap.compareTo(gap) < 0 ? gap : longestGap;
            stage.say("%s leads; for %d ms nobody got the lock", next, gap.toMillis());
            rest(CALM.dividedBy(2));
            killed.program.start();
            stage.await(leader + " is back", () -> over() || !killed.leader().isEmpty());
            if (!over()) {
                stage.say("%s is back", leader);
                rest(CALM);
            }
        }
    }

    private NodeProcess node(String name) {
        return nodes.stream().filter(node -> node.name.equals(name)).findFirst().orElseThrow();
    }

    /// One after the other, until stopped: gets the lock, has it for a moment, gives it back.
    private void work(String worker) {
        List<ServerAddress> servers =
                nodes.stream()
                        .map(node -> node.address)
                        .collect(Collectors.toCollection(ArrayList::new));
        Collections.shuffle(servers);
        var client =
                new LockClient(new Access(servers, Optional.empty(), Optional.empty(), PATIENCE));
        while (!stop.pulled()) {
            var ask =
                    new Ask(
                            LockId.draw(),
                            POOL,
                            worker,
                            "demonstration",
                            Mode.EXCLUSIVE,
                            PATIENCE,
                            TTL,
                            Duration.ZERO);
            if (client.acquire(ask, stop) instanceof Answer.Held(HeldLock lock)) {
                tally.entered(lock.fence(), System.nanoTime());
                stop.rest(ThreadLocalRandom.current().nextInt(5));
                tally.leaves();
                Release release = client.release(lock.pool(), lock.id(), PATIENCE);
                if (release instanceof Release.Gone) {
                    tally.lost();
                }
            }
        }
    }

    private boolean over() {
        return System.nanoTime() - untilNanos >= 0;
    }

    /// A pause, cut short by the end of the demonstration.
    private void rest(Duration pause) throws InterruptedException {
        long until = System.nanoTime() + pause.toNanos();
        while (!over() && System.nanoTime() < until) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
    }

    private String awaitLeader(Predicate<NodeProcess> asked)
            throws InterruptedException, IOException {
        String[] found = {""};
        stage.await(
                "a leader",
                () ->
                        nodes.stream()
                                .filter(asked)
                                .map(NodeProcess::leader)
                                .filter(name -> !name.isEmpty() && node(name).program.runs())
                                .findFirst()
                                .map(name -> found[0] = name)
                                .isPresent());
        return found[0];
    }

    private static void print(Result result, PrintStream out) {
        out.println();
        out.println(
                String.format(
                        Locale.ROOT,
                        "%,d grants, %d kill%s; the longest time without a grant after one: %d ms",
                        result.grants(),
                        result.kills(),
                        result.kills() == 1 ? "" : "s",
                        result.longestGapMs()));
        out.println(
                result.good()
                        ? "no lock was lost, none was had by two"
                        : String.format(
                                Locale.ROOT,
                                "%d lost, %d had by two, which is a defect",
                                result.lost(),
                                result.doubled()));
    }
}
