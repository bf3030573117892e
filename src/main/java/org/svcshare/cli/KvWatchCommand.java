package org.svcshare.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Stack;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.svcshare.lock.ApiClient;
import org.svcshare.lock.ApiClient.Outcome;
import org.svcshare.lock.Content;
import org.svcshare.lock.LockClient;
import org.svcshare.lock.Stop;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// `svcshare kv watch`: what becomes of keys, until stopped.
@Command(
        header = "Print each change of a key, or run a command for it, until stopped.",
        description = {
            "",
            "When the server goes away, the next one of the list is asked, again and again, and"
                    + " what changed meanwhile is told when one answers: of several changes of a key"
                    + " the last alone. The same is so when a command takes so long that the server"
                    + " has enough of waiting.",
            "",
            "The command finds SVCSHARE_EVENT (put or removed), SVCSHARE_KEY and SVCSHARE_VERSION"
                    + " in its environment and the value on its standard input; the next change waits"
                    + " until it has ended. Ends with 0 after SIGINT, SIGTERM or SIGHUP.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  svcshare kv watch colour",
            "  svcshare kv watch --prefix jobs/ --initial --json",
            "  svcshare kv watch nginx.conf --exec sh -c 'cat > n.conf; nginx -s reload'"
        })
final class KvWatchCommand implements Callable<Integer> {
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 2000;

    /// How long a server is looked for in the beginning: perhaps there is none at all.
    private static final long PATIENCE_MS = 3000;

    private static final String[] SIGNALS = {"INT", "TERM", "HUP"};

    private final Surroundings surroundings;
    private final Stop stop;

    @Spec private @Nullable CommandSpec spec;
    @Mixin private final Servers servers = new Servers();

    @Parameters(
            arity = "0..1",
            paramLabel = "KEY",
            description = "Which; all keys without it and --prefix.")
    private @Nullable String key;

    @Option(names = "--prefix", paramLabel = "PREFIX", description = "All keys that begin so.")
    private @Nullable String prefix;

    @Option(names = "--initial", description = "Tell first what is there.")
    private boolean initial;

    @Option(names = "--json", description = "One JSON document on a line for each change.")
    private boolean json;

    @Option(
            names = "--exec",
            arity = "1..*",
            paramLabel = "CMD [ARG...]",
            hideParamSyntax = true,
            parameterConsumer = Rest.class,
            description = "Run this for each change; takes all words behind it.")
    private List<String> exec = new ArrayList<>();

    private @Nullable ChangeCommand command;
    private Watched watched = new Watched(false);
    private boolean lost;
    private boolean begun;
    private int failure;

    /// A command has options of its own.
    static final class Rest implements IParameterConsumer {
        @Override
        @SuppressWarnings("JdkObsolete") // picocli's
        public void consumeParameters(Stack<String> args, ArgSpec option, CommandSpec command) {
            var words = new ArrayList<>(args);
            args.clear();
            Collections.reverse(words);
            if (words.isEmpty()) {
                throw new ParameterException(
                        command.commandLine(), "--exec: expected a command behind it");
            }
            option.setValue(words);
        }
    }

    KvWatchCommand(Surroundings surroundings) {
        this(surroundings, new Stop());
    }

    /// @param stop pulled to end it
    KvWatchCommand(Surroundings surroundings, Stop stop) {
        this.surroundings = surroundings;
        this.stop = stop;
    }

    @Override
    public Integer call() {
        if (key != null && prefix != null) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "expected KEY or --prefix, not both");
        }
        var talk = new MemberTalk(surroundings);
        ApiClient client = talk.client(servers);
        if (client == null) {
            return ExitCode.CONFIGURATION;
        }
        if (!exec.isEmpty()) {
            int runnable = LockRun.runnable(exec, surroundings);
            if (runnable != ExitCode.OK) {
                return runnable;
            }
            command = new ChangeCommand(exec);
        }
        watched = new Watched(initial);
        for (String name : SIGNALS) {
            // What this system does not have cannot come.
            boolean _ = OsSignal.on(name, _ -> end());
        }
        return watch(talk, client);
    }

    private void end() {
        stop.pull();
        if (command != null) {
            command.stop();
        }
    }

    private String target() {
        String which =
                key != null
                        ? "&key=" + LockClient.encode(key)
                        : prefix != null ? "&prefix=" + LockClient.encode(prefix) : "";
        return "/api/v1/watch?initial=true" + which;
    }

    private int watch(MemberTalk talk, ApiClient client) {
        long beganMs = System.nanoTime() / 1_000_000;
        long pauseMs = FIRST_PAUSE_MS;
        while (true) {
            watched.begins();
            Outcome outcome =
                    client.follow(
                            "GET",
                            target(),
                            Content.NONE,
                            (event, data) -> told(talk, event, data),
                            stop);
            if (failure != ExitCode.OK) {
                return failure;
            }
            if (stop.pulled()) {
                return ExitCode.OK;
            }
            if (outcome instanceof Outcome.Refused(int status, String code, _, _)
                    && (status < 500 || code.equals("no_members"))) {
                return talk.no(outcome);
            }
            boolean patient = System.nanoTime() / 1_000_000 - beganMs < PATIENCE_MS;
            if (!begun && !patient) {
                return talk.no(outcome);
            }
            if (begun && !lost) {
                talk.say("the watch broke off (" + why(outcome) + "); trying again");
                pauseMs = FIRST_PAUSE_MS;
            }
            lost = true;
            long jittered = pauseMs / 2 + ThreadLocalRandom.current().nextLong(pauseMs / 2 + 1);
            if (!stop.rest(jittered)) {
                return ExitCode.OK;
            }
            pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);
        }
    }

    private static String why(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Done _ -> "the server has ended it";
            case Outcome.Refused(_, _, String detail, _) -> detail;
            case Outcome.Unreachable(String why) -> why;
            case Outcome.PerhapsDone(String why) -> why;
            case Outcome.Stopped _ -> "given up";
        };
    }

    /// @return false to end it
    private boolean told(MemberTalk talk, String event, String data) {
        if (stop.pulled()) {
            return false;
        }
        try {
            JsonNode change = JsonMapper.shared().readTree(data);
            String name = change.path("key").asString("");
            String version = change.path("version").asString("");
            switch (event) {
                case "put" -> {
                    if (watched.put(name, version, change.path("initial").asBoolean(false))) {
                        show(talk, event, change);
                    }
                }
                case "removed" -> {
                    if (watched.removed(name, version)) {
                        show(talk, event, change);
                    }
                }
                case "ready" -> {
                    if (lost && begun) {
                        talk.say("watching again");
                    }
                    lost = false;
                    begun = true;
                    for (Watched.Gone gone : watched.ready()) {
                        ObjectNode removed = JsonMapper.shared().createObjectNode();
                        removed.put("key", gone.key()).put("version", gone.version());
                        show(talk, "removed", removed);
                    }
                }
                default -> {
                    // Of a newer server.
                }
            }
        } catch (JacksonException _) {
            talk.say("the server does not speak as ours do");
            failure = ExitCode.UNAVAILABLE;
        }
        return failure == ExitCode.OK && !stop.pulled();
    }

    private void show(MemberTalk talk, String event, JsonNode change) {
        if (stop.pulled() || failure != ExitCode.OK) {
            return;
        }
        if (command != null) {
            run(talk, command, event, change);
        } else if (json) {
            ObjectNode line = JsonMapper.shared().createObjectNode();
            line.put("event", event);
            change.properties().forEach(field -> line.set(field.getKey(), field.getValue()));
            surroundings.out().println(line);
        } else {
            String name = Table.plain(change.path("key").asString(""));
            surroundings
                    .out()
                    .println(
                            event.equals("put")
                                    ? "put " + name + " " + shown(change)
                                    : event + " " + name);
        }
    }

    private static String shown(JsonNode change) {
        return MemberTalk.shown(change, "value", Integer.MAX_VALUE);
    }

    private void run(MemberTalk talk, ChangeCommand runs, String event, JsonNode change) {
        String name = change.path("key").asString("");
        try {
            int code =
                    runs.run(
                            event,
                            name,
                            change.path("version").asString(""),
                            MemberTalk.value(change, "value"));
            if (code != 0 && !stop.pulled()) {
                talk.say(exec.getFirst() + " ended with " + code + " (" + event + " " + name + ")");
            }
        } catch (IOException e) {
            talk.say(String.valueOf(e.getMessage()));
            failure = ExitCode.NOT_RUNNABLE;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            stop.pull();
        }
    }
}
