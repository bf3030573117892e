package org.svcshare.cli;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.svcshare.cli.MemberTalk.Heard;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// `svcshare nodes add`, `remove`, `set` and `maintenance`.
final class NodeChanges {
    private NodeChanges() {}

    /// A command that changes one node.
    abstract static class Changing implements Callable<Integer> {
        private final Surroundings surroundings;

        @Spec @Nullable CommandSpec spec;
        @Mixin final Servers servers = new Servers();

        @Parameters(index = "0", paramLabel = "HOST:PORT", description = "The node.")
        private String named = "";

        Changing(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public Integer call() {
            return change(new NodeTalk(surroundings, servers), NodeTalk.parse(named, spec));
        }

        abstract int change(NodeTalk talk, String node);

        ParameterException wrong(String what) {
            return new ParameterException(Objects.requireNonNull(spec).commandLine(), what);
        }
    }

    /// What may be said of a node when it is made and later.
    static final class Figures {
        @Option(
                names = "--priority",
                paramLabel = "N",
                description = "1, 2, 3 … come first, then 0, then -1, -2 …")
        private Optional<Integer> priority = Optional.empty();

        @Option(
                names = "--weight",
                paramLabel = "N",
                description = "How many reads it gets beside the others, 1 to 100.")
        private Optional<Integer> weight = Optional.empty();

        ObjectNode body() {
            ObjectNode body = JsonMapper.shared().createObjectNode();
            priority.ifPresent(number -> body.put("priority", number));
            weight.ifPresent(number -> body.put("weight", number));
            return body;
        }
    }

    /// `svcshare nodes add`.
    @Command(
            header = "Add a copy of the service.",
            description = {
                "",
                "It gets the writes from now on. One that does not have the data of the others yet"
                        + " is added with --from: both are put in maintenance, so that nothing"
                        + " changes there while you copy the data, and the new one gets the writes"
                        + " from where the other one stands.",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  svcshare nodes add 10.0.0.3:8080",
                "  svcshare nodes add 10.0.0.3:8080 --priority 1 --tls",
                "  svcshare nodes add 10.0.0.3:8080 --from 10.0.0.1:8080"
            })
    static final class Add extends Changing {
        @Mixin private final Figures figures = new Figures();

        @Option(names = "--tls", description = "Speak to it over TLS.")
        private boolean tls;

        @Option(
                names = "--inactive",
                description = "It takes no part yet. What it misses meanwhile is lost to it.")
        private boolean inactive;

        @Option(names = "--maintenance", description = "It is left alone yet; its writes are kept.")
        private boolean maintenance;

        @Option(
                names = "--from",
                paramLabel = "HOST:PORT",
                description = "The node whose data you are going to copy to it.")
        private @Nullable String from;

        Add(Surroundings surroundings) {
            super(surroundings);
        }

        @Override
        int change(NodeTalk talk, String node) {
            ObjectNode body = figures.body();
            body.put("active", !inactive);
            if (tls) {
                body.put("tls", true);
            }
            if (from != null) {
                return copy(talk, node, NodeTalk.parse(from, spec), body);
            }
            if (maintenance) {
                body.put("maintenance", true);
            }
            Heard heard = talk.ask("PUT", NodeTalk.path(node), body);
            boolean fresh = heard.ok() && heard.get().status() == 201;
            return talk.end(heard, node + (fresh ? " is added" : " was there, and is changed"));
        }

        private int copy(NodeTalk talk, String node, String source, ObjectNode body) {
            if (inactive) {
                throw wrong("--inactive: expected without --from, as it gets writes at once");
            }
            if (source.equals(node)) {
                throw wrong("--from: expected another node");
            }
            body.put("source", source);
            return talk.end(
                    talk.ask("POST", NodeTalk.path(node) + "/copy-from", body),
                    """
                    %1$s and %2$s are in maintenance now: their writes are kept, reads go elsewhere.
                    Next:
                      1. copy the data of %2$s to %1$s
                      2. svcshare nodes maintenance %1$s off
                      3. svcshare nodes maintenance %2$s off
                    Both then get what came meanwhile; svcshare nodes --watch shows how far they are.\
                    """
                            .formatted(node, source));
        }
    }

    /// `svcshare nodes remove`.
    @Command(
            header = "Remove a copy of the service, and the writes that wait for it.",
            footerHeading = "%nExamples:%n",
            footer = {"  svcshare nodes remove 10.0.0.3:8080"})
    static final class Remove extends Changing {
        Remove(Surroundings surroundings) {
            super(surroundings);
        }

        @Override
        int change(NodeTalk talk, String node) {
            return talk.end(talk.ask("DELETE", NodeTalk.path(node)), node + " is removed");
        }
    }

    /// `svcshare nodes set`.
    @Command(
            header = "Change what is said of a node.",
            description = {
                "",
                "A node that is made active again has missed writes: copy another one's data to it"
                        + " first (svcshare nodes add NODE --from OTHER does for one that is there as"
                        + " well).",
                ""
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  svcshare nodes set 10.0.0.3:8080 --priority 2 --weight 5",
                "  svcshare nodes set 10.0.0.3:8080 --move 10.0.0.9:8080   with its queue",
                "  svcshare nodes set 10.0.0.3:8080 --in-step              you know that it is"
            })
    static final class Set extends Changing {
        @Mixin private final Figures figures = new Figures();
        @ArgGroup private @Nullable Part part;
        @ArgGroup private @Nullable Speech speech;

        @Option(
                names = "--move",
                paramLabel = "HOST:PORT",
                description = "It is there now; its queue goes with it.")
        private @Nullable String move;

        @Option(
                names = "--in-step",
                description = "It has all that the others have, whatever was found before.")
        private boolean inStep;

        /// Which of both.
        static final class Part {
            @Option(names = "--active", description = "It takes part.")
            private boolean active;

            @Option(
                    names = "--inactive",
                    description = "It takes no part; the writes that wait for it are dropped.")
            @SuppressWarnings("UnusedVariable") // the other one's no
            private boolean inactive;
        }

        /// Which of both.
        static final class Speech {
            @Option(names = "--tls", description = "Speak to it over TLS.")
            private boolean tls;

            @Option(names = "--no-tls", description = "Speak to it without.")
            @SuppressWarnings("UnusedVariable") // the other one's no
            private boolean plain;
        }

        Set(Surroundings surroundings) {
            super(surroundings);
        }

        @Override
        int change(NodeTalk talk, String node) {
            ObjectNode body = figures.body();
            if (part != null) {
                body.put("active", part.active);
            }
            if (speech != null) {
                body.put("tls", speech.tls);
            }
            String now = node;
            if (move != null) {
                now = NodeTalk.parse(move, spec);
                body.put("host", NodeTalk.host(now));
                body.put("port", NodeTalk.port(now));
            }
            if (body.isEmpty() && !inStep) {
                throw wrong("what is to be different?");
            }
            if (!body.isEmpty()) {
                Heard heard = talk.change(node, body);
                if (!heard.ok() || !inStep) {
                    return talk.end(
                            heard,
                            node + (now.equals(node) ? "" : ", now " + now + ",") + " is changed");
                }
            }
            return talk.end(talk.ask("POST", NodeTalk.path(now) + "/in-step"), now + " is in step");
        }
    }

    /// `svcshare nodes maintenance`.
    @Command(
            header = "Leave a node alone for a while: its writes are kept, reads go elsewhere.",
            description = {"", "When it is over the node gets what it missed, in order.", ""},
            footerHeading = "%nExamples:%n",
            footer = {
                "  svcshare nodes maintenance 10.0.0.1:8080 on",
                "  svcshare nodes maintenance 10.0.0.1:8080 off"
            })
    static final class Maintenance extends Changing {
        @Parameters(index = "1", paramLabel = "on|off", description = "Whether it is.")
        private String word = "";

        Maintenance(Surroundings surroundings) {
            super(surroundings);
        }

        @Override
        int change(NodeTalk talk, String node) {
            if (!word.equals("on") && !word.equals("off")) {
                throw wrong("expected on or off, found '" + Table.plain(word) + "'");
            }
            boolean on = word.equals("on");
            ObjectNode body = JsonMapper.shared().createObjectNode().put("maintenance", on);
            return talk.end(
                    talk.change(node, body),
                    node + (on ? " is in maintenance" : " is not in maintenance any longer"));
        }
    }
}
