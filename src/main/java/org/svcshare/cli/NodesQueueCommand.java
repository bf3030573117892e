package org.svcshare.cli;

import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.svcshare.cli.MemberTalk.Heard;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `svcshare nodes queue`: the writes that a node has yet to get, and those that it refused.
@Command(
        header = "Show the writes that wait for a node or that it refused, and decide about them.",
        description = {
            "",
            "show: those that it refused and that were parked, then those that wait, oldest first.",
            "release: sends a parked write to the node again, out of order.",
            "park: takes a write out of the queue and keeps it aside.",
            "drop: this node never gets it.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  svcshare nodes queue 10.0.0.1:8080",
            "  svcshare nodes queue 10.0.0.1:8080 show --json | jq '.writes[] | select(.parked)'",
            "  svcshare nodes queue 10.0.0.1:8080 release 1234",
            "  svcshare nodes queue 10.0.0.1:8080 drop 1234"
        })
final class NodesQueueCommand implements Callable<Integer> {
    private static final int MOST = 1000;

    private final Surroundings surroundings;

    @Spec private @Nullable CommandSpec spec;
    @Mixin private final Servers servers = new Servers();

    @Parameters(index = "0", paramLabel = "HOST:PORT", description = "The node.")
    private String named = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "show|release|park|drop",
            description = "What to do; without it, show.")
    private String word = "show";

    @Parameters(
            index = "2",
            arity = "0..1",
            paramLabel = "POSITION",
            description = "Of the write, as show tells it.")
    private Optional<Long> position = Optional.empty();

    @Option(
            names = "--after",
            paramLabel = "POSITION",
            description = "show: only those behind this one.")
    private long after;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "show: so many at most, 1 to 1000; 100 without.")
    private int limit = 100;

    @Option(names = "--json", description = "show: the same as one JSON document.")
    private boolean json;

    NodesQueueCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() {
        String node = NodeTalk.parse(named, spec);
        var talk = new NodeTalk(surroundings, servers);
        return switch (word) {
            case "show" -> show(talk, node);
            case "release" ->
                    talk.end(
                            talk.ask("POST", write(node) + "/release"),
                            said() + " is sent to " + node + " again");
            case "park" ->
                    talk.end(
                            talk.ask("POST", write(node) + "/park"),
                            said() + " is put aside; " + node + " does not get it for now");
            case "drop" ->
                    talk.end(
                            talk.ask("DELETE", write(node)),
                            said() + " is dropped: " + node + " never gets it");
            default ->
                    throw wrong(
                            "expected show, release, park or drop, found '"
                                    + Table.plain(word)
                                    + "'");
        };
    }

    private ParameterException wrong(String what) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), what);
    }

    private String write(String node) {
        if (position.isEmpty() || position.get() < 1) {
            throw wrong(word + ": which write? Expected its position, as show tells it");
        }
        if (json || after != 0) {
            throw wrong("--json, --after: expected with show");
        }
        return NodeTalk.path(node) + "/queue/" + position.get();
    }

    private String said() {
        return "write " + position.orElse(0L);
    }

    private int show(NodeTalk talk, String node) {
        if (position.isPresent()) {
            throw wrong("show: expected no position; --after shows those behind one");
        }
        if (limit < 1 || limit > MOST || after < 0) {
            throw wrong("expected a limit from 1 to " + MOST + ", and a position behind --after");
        }
        Heard heard = talk.get(NodeTalk.path(node) + "/queue?after=" + after + "&limit=" + limit);
        JsonNode queue = heard.ok() ? talk.json(heard) : null;
        if (queue == null) {
            return heard.ok() ? ExitCode.UNAVAILABLE : heard.code();
        }
        if (json) {
            surroundings.out().println(queue);
        } else {
            print(queue, node);
        }
        return ExitCode.OK;
    }

    private void print(JsonNode queue, String node) {
        Instant now = PoolTalk.now(queue);
        JsonNode writes = queue.path("writes");
        if (writes.isEmpty()) {
            surroundings.out().println("Nothing waits for " + node + ".");
            return;
        }
        var table =
                new Table("POSITION", "STATE", "METHOD", "TARGET", "BYTES", "FOR", "STATUS", "WHY");
        for (JsonNode write : writes) {
            int status = write.path("status").asInt(0);
            table.row(
                    write.path("position").asString(""),
                    write.path("parked").asBoolean(false) ? "parked" : "waits",
                    write.path("method").asString(""),
                    write.path("target").asString(""),
                    write.path("bodyBytes").asString(""),
                    PoolTalk.between(PoolTalk.time(write.path("at")), now),
                    status == 0 ? "" : Integer.toString(status),
                    write.path("why").asString(""));
        }
        table.print(surroundings.out());
        if (writes.size() == limit) {
            surroundings.out().println();
            surroundings.out().println("There may be more: --limit, --after.");
        }
    }
}
