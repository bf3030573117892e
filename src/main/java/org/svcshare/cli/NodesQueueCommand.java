package org.svcshare.cli;

import java.io.PrintStream;
import java.time.Instant;
import java.util.List;
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
            "show: those that wait and those that it refused and that were parked, oldest first.",
            "release: sends a parked write to the node again, out of order.",
            "park: takes a write out of the queue and keeps it aside.",
            "drop: this node never gets it.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  svcshare nodes queue 10.0.0.1:8080",
            "  svcshare nodes queue 10.0.0.1:8080 --limit 0              # all of them",
            "  svcshare nodes queue 10.0.0.1:8080 show --json | jq '.writes[] | select(.parked)'",
            "  svcshare nodes queue 10.0.0.1:8080 release 1234",
            "  svcshare nodes queue 10.0.0.1:8080 drop 1234"
        })
final class NodesQueueCommand implements Callable<Integer> {
    /// What a server tells at once.
    private static final int PAGE = 1000;

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
            description = "show: so many at most; 100 without it, 0 for all.")
    private int limit = 100;

    @Option(
            names = "--json",
            description =
                    "show: the same as one JSON document; more in it says whether there are more.")
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
        if (limit < 0 || after < 0) {
            throw wrong("expected a limit from 0, which is all, and a position behind --after");
        }
        Shown shown = json ? new Document(surroundings.out()) : new Rows(surroundings.out(), node);
        long left = limit == 0 ? Long.MAX_VALUE - 1 : limit;
        long last = after;
        while (true) {
            // One more than is shown tells whether there are more.
            int page = (int) Math.min(PAGE, left + 1);
            Heard heard = talk.get(NodeTalk.path(node) + "/queue?after=" + last + "&limit=" + page);
            JsonNode queue = heard.ok() ? talk.json(heard) : null;
            if (queue == null) {
                shown.brokenOff();
                return heard.ok() ? ExitCode.UNAVAILABLE : heard.code();
            }
            List<JsonNode> writes = queue.path("writes").valueStream().toList();
            List<JsonNode> wanted = writes.stream().limit(left).toList();
            shown.page(wanted, PoolTalk.now(queue));
            left -= wanted.size();
            long before = last;
            last = wanted.isEmpty() ? last : wanted.getLast().path("position").asLong(0);
            boolean more = wanted.size() < writes.size();
            if (more || writes.size() < page) {
                shown.end(last, more);
                return ExitCode.OK;
            }
            if (last <= before) {
                shown.brokenOff();
                talk.say("the server does not speak as ours do");
                return ExitCode.UNAVAILABLE;
            }
        }
    }

    /// How the writes come out, page by page: there may be a million.
    private interface Shown {
        void page(List<JsonNode> writes, Instant now);

        /// @param last position that was shown, or that they are behind
        /// @param more whether there are more behind it
        void end(long last, boolean more);

        /// Why was said elsewhere.
        void brokenOff();
    }

    private static final class Document implements Shown {
        private final PrintStream out;
        private String before = "{\"writes\":[";

        Document(PrintStream out) {
            this.out = out;
        }

        @Override
        public void page(List<JsonNode> writes, Instant now) {
            for (JsonNode write : writes) {
                out.print(before);
                out.print(write);
                before = ",";
            }
        }

        @Override
        public void end(long last, boolean more) {
            out.println((before.equals(",") ? "" : before) + "],\"more\":" + more + "}");
        }

        @Override
        public void brokenOff() {
            if (before.equals(",")) {
                end(0, true);
            }
        }
    }

    private static final class Rows implements Shown {
        private final PrintStream out;
        private final String node;
        private final Table table =
                new Table("POSITION", "STATE", "METHOD", "TARGET", "BYTES", "FOR", "STATUS", "WHY");
        private boolean any;

        Rows(PrintStream out, String node) {
            this.out = out;
            this.node = node;
        }

        @Override
        public void page(List<JsonNode> writes, Instant now) {
            if (writes.isEmpty()) {
                return;
            }
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
            table.print(out);
            any = true;
        }

        @Override
        public void end(long last, boolean more) {
            if (!any) {
                out.println(
                        "Nothing waits for " + node + (last == 0 ? "." : " behind " + last + "."));
            } else if (more) {
                out.println();
                out.println("There are more: --after " + last + ", or all with --limit 0.");
            }
        }

        @Override
        public void brokenOff() {
            // What was shown stands.
        }
    }
}
