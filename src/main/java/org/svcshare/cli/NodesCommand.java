package org.svcshare.cli;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.svcshare.cli.MemberTalk.Heard;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/// `svcshare nodes`: the copies of the service, and how they are doing.
@Command(
        header = "List the copies of the service behind the proxy, and change them.",
        synopsisSubcommandLabel = "[COMMAND]",
        description = {
            "",
            "STATE is in step, catching up (gets what it missed), behind (missed writes and gets"
                    + " none now), out of step (needs a copy of another one's data) or inactive."
                    + " QUEUE is how many writes it has yet to get, PARKED how many it refused.",
            "",
            "Exits with 0 while writes are taken, with 1 when they are not.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  svcshare nodes",
            "  svcshare nodes --watch",
            "  svcshare nodes --json | jq -r '.nodes[] | select(.queue.writes > 0).host'",
            "  svcshare nodes add 10.0.0.3:8080 --from 10.0.0.1:8080",
            "  svcshare nodes maintenance 10.0.0.1:8080 on",
            "",
            "Changes take a token with the role admin, where the server has tokens."
        })
final class NodesCommand implements Callable<Integer> {
    private final Surroundings surroundings;

    @Mixin private final Servers servers = new Servers();
    @Mixin private final TableOptions options = new TableOptions();

    NodesCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws InterruptedException {
        return options.run(this::once, code -> code == ExitCode.OK || code == ExitCode.FAILED);
    }

    private int once() {
        var talk = new NodeTalk(surroundings, servers);
        Heard heard = talk.get(NodeTalk.NODES);
        JsonNode all = heard.ok() ? talk.json(heard) : null;
        if (all == null) {
            return heard.ok() ? ExitCode.UNAVAILABLE : heard.code();
        }
        String trouble = all.path("trouble").asString("");
        if (options.json()) {
            surroundings.out().println(all);
        } else {
            print(all.path("nodes"));
            if (!trouble.isEmpty()) {
                talk.say("no writes are taken: " + trouble);
            }
        }
        return trouble.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
    }

    private void print(JsonNode nodes) {
        options.clear(surroundings);
        var table =
                new Table("NODE", "STATE", "QUEUE", "OLDEST", "PARKED", "UP", "PRIORITY", "WHY");
        int inStep = 0;
        for (JsonNode node : nodes) {
            JsonNode queue = node.path("queue");
            inStep += node.path("state").asString("").equals("in-step") ? 1 : 0;
            table.row(
                    NodeTalk.name(node),
                    state(node),
                    queue.path("writes").asString(""),
                    queue.path("writes").asLong(0) > 0 ? age(queue) : "",
                    queue.path("parked").asString(""),
                    node.path("up").asBoolean(false) ? "yes" : "no",
                    node.path("priority").asString(""),
                    node.path("why").asString(""));
        }
        table.print(surroundings.out());
        surroundings.out().println();
        surroundings
                .out()
                .println(
                        nodes.isEmpty()
                                ? "No nodes yet: svcshare nodes add HOST:PORT"
                                : inStep
                                        + " of "
                                        + nodes.size()
                                        + (nodes.size() == 1 ? " node" : " nodes")
                                        + (inStep == 1 ? " is" : " are")
                                        + " in step.");
    }

    private static String state(JsonNode node) {
        return node.path("state").asString("").replace('-', ' ')
                + (node.path("maintenance").asBoolean(false) ? ", in maintenance" : "");
    }

    private static String age(JsonNode queue) {
        double seconds = queue.path("ageSeconds").asDouble(0);
        return PoolTalk.time(Duration.ofSeconds((long) Math.max(0, seconds)));
    }
}
