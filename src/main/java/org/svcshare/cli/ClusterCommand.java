package org.svcshare.cli;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.svcshare.cli.PoolTalk.Seen;
import org.svcshare.lock.LockClient;
import org.svcshare.pool.GroupChange.NewNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/// `svcshare cluster …`: the group of machines that keeps the pools.
@Command(
        header = "Look at the group of machines that keeps the pools, and change it.",
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  svcshare cluster status",
            "  svcshare cluster add n4=10.0.0.4:7440",
            "  svcshare cluster replace n2 n5=10.0.0.5:7440    n2 has lost its disk",
            "",
            "Any node may be asked. Changes take a token with the role admin, where the server has"
                    + " tokens."
        })
final class ClusterCommand implements Runnable {
    private static final String CLUSTER = "/api/v1/cluster";
    private static final String NODES = CLUSTER + "/nodes";

    @Spec private @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(Objects.requireNonNull(spec).commandLine(), "which command?");
    }

    private static String node(String name) {
        return NODES + "/" + LockClient.encode(name);
    }

    /// `svcshare cluster status`.
    @Command(
            header = "Who leads, who lags, and why something is not ready.",
            description = {
                "",
                "Exits with 0 when the asked node takes requests, with 1 when it does not.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  svcshare cluster status",
                "  svcshare cluster status --server 10.0.0.2:9889",
                "  svcshare cluster status --json | jq '.nodes[] | select(.reachable | not)'"
            })
    static final class Status implements Callable<Integer> {
        private final Surroundings surroundings;

        @Mixin private final Servers servers = new Servers();

        @Option(names = "--json", description = "The same as one JSON document.")
        private boolean json;

        Status(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public Integer call() {
            var talk = new PoolTalk(surroundings);
            Seen seen = talk.ask(servers, CLUSTER);
            if (!seen.ok()) {
                return seen.code();
            }
            JsonNode group = seen.get();
            if (json) {
                talk.print(group);
            } else {
                print(group);
            }
            return group.path("ready").asBoolean(false) ? ExitCode.OK : ExitCode.FAILED;
        }

        private void print(JsonNode group) {
            var table =
                    new Table("NODE", "ROLE", "PRIORITY", "ADDRESS", "HEARD", "ENTRY", "BEHIND");
            for (JsonNode node : group.path("nodes")) {
                table.row(
                        node.path("name").asString(""),
                        node.path("role").asString(""),
                        node.path("priority").asString(""),
                        node.path("address").asString(""),
                        heard(node, group),
                        number(node.path("matchIndex")),
                        number(node.path("lag")));
            }
            if (!group.path("nodes").isEmpty()) {
                table.print(surroundings.out());
                surroundings.out().println();
            }
            summary(group).lines().forEach(line -> surroundings.out().println(Table.plain(line)));
        }

        private static String heard(JsonNode node, JsonNode group) {
            if (!group.path("fromLeader").asBoolean(false)) {
                return node.path("name").equals(group.path("node")) ? "this node" : "";
            }
            if (node.path("reachable").asBoolean(false)) {
                return "now";
            }
            JsonNode heardMs = node.path("heardMs");
            return heardMs.isNumber()
                    ? PoolTalk.time(Duration.ofMillis(heardMs.asLong())) + " ago"
                    : "not yet";
        }

        private static String number(JsonNode number) {
            return number.isNumber() ? number.asString() : "";
        }

        private static String summary(JsonNode group) {
            var said = new StringBuilder();
            String leader = group.path("leader").asString("");
            String node = group.path("node").asString("");
            said.append("Group ").append(group.path("name").asString("")).append(": ");
            said.append(
                    leader.isEmpty()
                            ? "nobody leads, as far as " + node + " knows"
                            : leader + " leads");
            if (!leader.isEmpty()) {
                said.append(", term ").append(group.path("term").asString(""));
            }
            if (group.path("fromLeader").asBoolean(false)) {
                said.append(". ")
                        .append(group.path("reachable").asString(""))
                        .append(" of ")
                        .append(group.path("nodes").size())
                        .append(" nodes are there, ")
                        .append(group.path("majority").asString(""))
                        .append(" have to be");
            } else if (!leader.isEmpty()) {
                said.append(", but does not answer ").append(node);
            }
            said.append(".\n");
            if (!group.path("changing").asString("").isEmpty()) {
                said.append("Under way: ").append(group.path("changing").asString("")).append('\n');
            }
            said.append("Node ").append(node);
            if (group.path("ready").asBoolean(false)) {
                return said.append(" is ready.\n").toString();
            }
            said.append(" is not ready: ").append(group.path("why").asString(""));
            long waiting = group.path("waiting").asLong(0);
            return said.append(waiting == 0 ? "\n" : " (" + waiting + " requests wait)\n")
                    .toString();
        }
    }

    /// A command that changes the group.
    abstract static class Changing implements Callable<Integer> {
        final Surroundings surroundings;

        @Spec @Nullable CommandSpec spec;
        @Mixin final Servers servers = new Servers();

        Changing(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        int change(String done, String method, String target, String... namesAndTexts) {
            Seen seen = new PoolTalk(surroundings).change(servers, method, target, namesAndTexts);
            if (seen.ok()) {
                surroundings.out().println(done);
            }
            return seen.code();
        }

        NewNode parse(String text) {
            try {
                return NewNode.parse(text);
            } catch (IllegalArgumentException e) {
                throw new ParameterException(
                        Objects.requireNonNull(spec).commandLine(), String.valueOf(e.getMessage()));
            }
        }
    }

    /// `svcshare cluster add`.
    @Command(
            header = "Add a node, and wait until it has what the others have.",
            description = {
                "",
                "Start it first, with an empty folder, and with cluster.join or all nodes in"
                        + " cluster.peers. With cluster.join it asks by itself to be added.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = {"  svcshare cluster add n4=10.0.0.4:7440"})
    static final class Add extends Changing {
        @Parameters(paramLabel = "NAME=HOST:PORT", description = "As in its cluster.peers.")
        private String node = "";

        Add(Surroundings surroundings) {
            super(surroundings);
        }

        @Override
        public Integer call() {
            NewNode added = parse(node);
            return change(
                    added.name() + " belongs to the group",
                    "POST",
                    NODES,
                    "name",
                    added.name(),
                    "address",
                    added.address());
        }
    }

    /// `svcshare cluster remove`.
    @Command(
            header = "Remove a node, whether it runs or not.",
            footerHeading = "%nExamples:%n",
            footer = {"  svcshare cluster remove n4"})
    static final class Remove extends Changing {
        @Parameters(paramLabel = "NAME", description = "Of the node, from cluster status.")
        private String node = "";

        Remove(Surroundings surroundings) {
            super(surroundings);
        }

        @Override
        public Integer call() {
            return change(node + " does not belong to the group any longer", "DELETE", node(node));
        }
    }

    /// `svcshare cluster replace`.
    @Command(
            header = "Put a new node in the place of one that has lost its disk, or is to go.",
            description = {
                "",
                "A node that lost its disk must not come back under its old name: it may have"
                        + " promised what it does not know any longer. Give it another, in cluster.node"
                        + " and cluster.peers, start it with an empty folder and cluster.join; the"
                        + " address may be the same.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = {"  svcshare cluster replace n2 n5=10.0.0.2:7440"})
    static final class Replace extends Changing {
        @Parameters(index = "0", paramLabel = "OLD", description = "The node that goes.")
        private String old = "";

        @Parameters(index = "1", paramLabel = "NAME=HOST:PORT", description = "The one that comes.")
        private String node = "";

        Replace(Surroundings surroundings) {
            super(surroundings);
        }

        @Override
        public Integer call() {
            NewNode added = parse(node);
            return change(
                    added.name() + " is in the place of " + old,
                    "POST",
                    NODES,
                    "name",
                    added.name(),
                    "address",
                    added.address(),
                    "replaces",
                    old);
        }
    }

    /// `svcshare cluster transfer`.
    @Command(
            header = "Let another node lead.",
            footerHeading = "%nExamples:%n",
            footer = {"  svcshare cluster transfer n2"})
    static final class Transfer extends Changing {
        @Parameters(paramLabel = "NAME", description = "The node that is to lead.")
        private String node = "";

        Transfer(Surroundings surroundings) {
            super(surroundings);
        }

        @Override
        public Integer call() {
            return change(node + " leads", "POST", CLUSTER + "/leader", "node", node);
        }
    }

    /// `svcshare cluster priority`.
    @Command(
            header = "Set which node should lead: 1 before 14, which is usual.",
            description = {
                "",
                "Who is off leads only while no other can; at most half of the nodes may be off.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = {"  svcshare cluster priority n1 1", "  svcshare cluster priority n3 off"})
    static final class Priority extends Changing {
        @Parameters(index = "0", paramLabel = "NAME", description = "The node.")
        private String node = "";

        @Parameters(index = "1", paramLabel = "1..14|off", description = "Its priority.")
        private String priority = "";

        Priority(Surroundings surroundings) {
            super(surroundings);
        }

        @Override
        public Integer call() {
            return change(
                    "the priority of " + node + " is " + priority,
                    "PATCH",
                    node(node),
                    "priority",
                    priority);
        }
    }
}
