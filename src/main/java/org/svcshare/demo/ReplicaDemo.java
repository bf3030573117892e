package org.svcshare.demo;

import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.svcshare.config.Endpoint;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.proxy.ReplicaProxy;
import org.svcshare.replica.AnswerRule;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeState;
import org.svcshare.replica.NodeView;
import tools.jackson.databind.json.JsonMapper;

/// Three copies of an application behind the proxy, for people to watch: one is killed, the writes
/// go on, it comes back, and all three are the same.
public final class ReplicaDemo {
    private static final List<String> NAMES = List.of("a", "b", "c");
    private static final int CLIENTS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long LOOK_MS = 20;

    private final Options options;
    private final Stage stage;
    private final List<SampleProcess> copies;
    private final ReplicaProxy proxy;
    private final SampleWriters writers;
    private int whileAway;
    private Duration slowestWhileAway = Duration.ZERO;
    private Duration caughtUp = Duration.ZERO;

    /// @param json prints the summary as one JSON document on `out`, and all else on `err`
    /// @param port of the proxy; 0 for a free one
    /// @param writes how many at least before a copy is killed, while it is away, and afterwards
    public record Options(boolean json, int port, int writes) {}

    /// What it came to.
    ///
    /// @param acknowledged writes that the clients may rely on
    /// @param whileAway those of them that were answered while a copy was dead
    /// @param caughtUpMs from the start of the killed copy until it had what it missed
    /// @param repeats writes that were sent again because they were not answered, or with 5xx
    /// @param compared whether it came so far that the copies were compared
    /// @param missing acknowledged writes that a copy does not have
    /// @param doubled writes that a copy has done more than once
    /// @param equal whether all copies did the same in the same order, and have the same
    record Result(
            int copies,
            int acknowledged,
            int whileAway,
            long slowestWhileAwayMs,
            long caughtUpMs,
            long repeats,
            boolean compared,
            int missing,
            int doubled,
            boolean equal) {
        boolean good() {
            return equal && missing == 0 && doubled == 0 && whileAway > 0;
        }
    }

    private ReplicaDemo(
            Options options,
            Stage stage,
            List<SampleProcess> copies,
            ReplicaProxy proxy,
            HttpClient client) {
        this.options = options;
        this.stage = stage;
        this.copies = copies;
        this.proxy = proxy;
        writers = new SampleWriters(proxy.listening(), client);
    }

    /// Blocks until it is over or the thread is interrupted, then ends everything and prints the
    /// summary.
    ///
    /// @return the exit code: 0, or 1 when the copies are not the same, or lack a write
    /// @throws IOException when something does not start; the message is for people
    public static int run(Options options, PrintStream out, PrintStream err) throws IOException {
        Path folder = Files.createTempDirectory("svcshare-replica");
        Result result;
        try (var client = client()) {
            result = run(options, options.json() ? err : out, folder, client);
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

    private static HttpClient client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(PATIENCE)
                .build();
    }

    private static Result run(Options options, PrintStream talk, Path folder, HttpClient client)
            throws IOException {
        List<Integer> ports = GroupDemo.freePorts(NAMES.size());
        var copies = new ArrayList<SampleProcess>();
        for (int i = 0; i < NAMES.size(); i++) {
            copies.add(new SampleProcess(folder, NAMES.get(i), ports.get(i), client));
        }
        var stage = new Stage(talk, copies.stream().map(copy -> copy.program).toList());
        try {
            stage.start();
            try (var proxy = ReplicaProxy.start(settings(options.port(), copies, folder))) {
                return new ReplicaDemo(options, stage, copies, proxy, client).play();
            }
        } finally {
            client.shutdownNow();
            stage.stop();
        }
    }

    /// The defaults at a pace that one can watch.
    private static ReplicaSettings settings(int port, List<SampleProcess> copies, Path folder) {
        return new ReplicaSettings(
                new Endpoint("127.0.0.1", port),
                Optional.empty(),
                1,
                copies.stream()
                        .map(copy -> new Node(copy.address, 0, true, false, false, 1))
                        .toList(),
                new ReplicaSettings.NodeTls(Optional.empty(), false),
                true,
                false,
                false,
                false,
                new ReplicaSettings.Writes(
                        AnswerRule.MAJORITY,
                        ReplicaSettings.Durability.FSYNC,
                        Duration.ofSeconds(10),
                        false,
                        false,
                        true,
                        Duration.ofMinutes(1),
                        Duration.ofMillis(100),
                        Duration.ofMillis(500),
                        1,
                        Duration.ofHours(1)),
                new ReplicaSettings.Health(
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        "/health",
                        Optional.empty(),
                        1,
                        2),
                new ReplicaSettings.Control(
                        false,
                        new Endpoint("127.0.0.1", 0),
                        Optional.empty(),
                        Duration.ofMinutes(1),
                        Optional.empty()),
                new ReplicaSettings.Limits(
                        1024 * 1024,
                        64 * 1024,
                        64 * 1024,
                        16 * 1024,
                        1_000_000,
                        200,
                        16,
                        1_000,
                        1_000,
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(5)),
                folder.resolve("writes"));
    }

    private Result play() throws IOException {
        boolean seen = false;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            try {
                introduce();
                for (SampleProcess copy : copies) {
                    stage.await(copy.name + " answers", () -> copy.get("/health").isPresent());
                }
                stage.say("three copies run; %d clients begin to write", CLIENTS);
                writers.start(CLIENTS, threads);
                killOne(copies.get(1));
                seen = true;
            } catch (InterruptedException _) {
                stage.say("stopped");
                return result(Comparison.NONE);
            } finally {
                writers.stop();
                if (!seen) {
                    threads.shutdownNow();
                }
            }
        }
        return compare();
    }

    private void introduce() {
        stage.introduce(
                """
                Three copies of an application run on this machine, which know nothing of each other.
                %d clients write through the proxy, at %s. Then one copy is killed (kill -9).

                Look yourself, in another terminal:
                    curl http://%s/items                through the proxy
                %s\
                Stop with Ctrl-C.
                """
                        .formatted(
                                CLIENTS,
                                proxy.listening(),
                                proxy.listening(),
                                copies.stream()
                                        .map(copy ->
                                                "    curl http://%s/log                  what %s did%n"
                                                        .formatted(copy.address, copy.name))
                                        .reduce("", String::concat)));
    }

    private void killOne(SampleProcess killed) throws IOException, InterruptedException {
        awaitWrites(options.writes());
        stage.say(
                "%,d writes are answered, the slowest after %d ms",
                writers.count(), writers.slowest().toMillis());
        killed.program.kill();
        int before = writers.count();
        stage.say("%s is killed after %,d writes", killed.name, before);

        awaitWrites(before + options.writes());
        whileAway = writers.count() - before;
        slowestWhileAway = writers.slowest();
        stage.say(
                "%,d more are answered without it, the slowest after %d ms; %,d wait for %s",
                whileAway, slowestWhileAway.toMillis(), view(killed).queueWrites(), killed.name);

        long began = System.nanoTime();
        killed.program.start();
        stage.await(killed.name + " answers", () -> killed.get("/health").isPresent());
        stage.say("%s is back, with what it had; the clients go on", killed.name);
        while (view(killed).state() != NodeState.IN_STEP) {
            long reached = view(killed).position();
            stage.await(
                    "another write at " + killed.name,
                    () ->
                            view(killed).position() > reached
                                    || view(killed).state() == NodeState.IN_STEP);
        }
        caughtUp = Duration.ofNanos(System.nanoTime() - began);
        stage.say(
                "%s has caught up, %.1f s after its start",
                killed.name, caughtUp.toMillis() / 1_000.0);
        awaitWrites(writers.count() + options.writes());
    }

    private NodeView view(SampleProcess copy) {
        return proxy.replicas().node(copy.address).orElseThrow();
    }

    private Result compare() throws IOException {
        stage.say("the clients end; %,d writes were acknowledged", writers.count());
        try {
            List<String> acknowledged = writers.acknowledged();
            long until = System.nanoTime() + PATIENCE.toNanos();
            Comparison found = Comparison.of(copies, acknowledged);
            // The last writes may be with a majority yet.
            while (!found.good() && System.nanoTime() < until) {
                TimeUnit.MILLISECONDS.sleep(LOOK_MS);
                found = Comparison.of(copies, acknowledged);
            }
            for (int i = 0; i < copies.size(); i++) {
                stage.say(
                        "%s did %,d writes and has %,d items",
                        copies.get(i).name, found.writes().get(i), found.items().get(i));
            }
            return result(found);
        } catch (InterruptedException _) {
            stage.say("stopped");
            return result(Comparison.NONE);
        }
    }

    private Result result(Comparison found) {
        return new Result(
                copies.size(),
                writers.count(),
                whileAway,
                slowestWhileAway.toMillis(),
                caughtUp.toMillis(),
                writers.repeats(),
                !found.equals(Comparison.NONE),
                found.missing(),
                found.doubled(),
                found.equal());
    }

    private void awaitWrites(int count) throws InterruptedException, IOException {
        while (writers.count() < count) {
            int before = writers.count();
            stage.await("another write answered", () -> writers.count() > before);
        }
    }

    private static void print(Result result, PrintStream out) {
        out.println();
        out.println(
                String.format(
                        Locale.ROOT,
                        "%,d writes were acknowledged, %,d of them while a copy was dead",
                        result.acknowledged(),
                        result.whileAway()));
        out.println(verdict(result));
    }

    private static String verdict(Result result) {
        if (!result.compared()) {
            return "the copies were not compared";
        }
        return result.good()
                ? "all three copies did the same writes in the same order, each once"
                : String.format(
                        Locale.ROOT,
                        "the copies are %s; %,d writes are missing, %,d done more than once",
                        result.equal() ? "the same" : "not the same",
                        result.missing(),
                        result.doubled());
    }
}
