package org.svcshare.cli;

import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.svcshare.cli.MemberTalk.Heard;
import org.svcshare.lock.Content;
import org.svcshare.lock.LockClient;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What the commands about the nodes have in common: how a node is named, and asking for a change.
final class NodeTalk {
    static final String NODES = "/api/v1/nodes";

    private static final Pattern NODE =
            Pattern.compile(
                    "([a-z0-9_.-]{1,253}|\\[[0-9a-f:]{2,39}(%[a-z0-9_.-]{1,20})?\\])"
                            + ":[1-9][0-9]{0,4}");
    private static final int LAST_PORT = 65_535;

    private final Surroundings surroundings;
    private final Servers servers;
    private final MemberTalk talk;

    NodeTalk(Surroundings surroundings, Servers servers) {
        this.surroundings = surroundings;
        this.servers = servers;
        this.talk = new MemberTalk(surroundings, "nodes");
    }

    /// @param text `HOST:PORT` as somebody typed it
    static String parse(String text, @Nullable CommandSpec spec) {
        String node = text.toLowerCase(Locale.ROOT);
        if (!NODE.matcher(node).matches() || port(node) > LAST_PORT) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(),
                    "expected HOST:PORT, for instance 10.0.0.1:8080 or [::1]:8080, found '"
                            + Table.plain(text)
                            + "'");
        }
        return node;
    }

    /// @param node as [#parse] returned it
    static int port(String node) {
        return Integer.parseInt(node.substring(node.lastIndexOf(':') + 1));
    }

    /// Without the brackets of an IPv6 address.
    static String host(String node) {
        return node.substring(0, node.lastIndexOf(':')).replaceAll("[\\[\\]]", "");
    }

    /// How a node of a document is called.
    static String name(JsonNode node) {
        String host = node.path("host").asString("");
        String shown = host.contains(":") ? "[" + host + "]" : host;
        return shown + ":" + node.path("port").asString("");
    }

    static String path(String node) {
        return NODES + "/" + LockClient.encode(node);
    }

    /// A document; says on the standard error why there is none.
    Heard get(String target) {
        return talk.get(servers, target);
    }

    /// @return null when it is none; then that was said
    @Nullable JsonNode json(Heard heard) {
        return talk.json(heard.get());
    }

    void say(String message) {
        talk.say(message);
    }

    Heard ask(String method, String target) {
        return talk.ask(servers, method, target, Content.NONE);
    }

    Heard ask(String method, String target, ObjectNode body, String... namesAndTexts) {
        return talk.ask(servers, method, target, Content.json(body.toString()), namesAndTexts);
    }

    /// Changes a node that is there: a slip of the pen must not make a new one.
    Heard change(String node, ObjectNode body) {
        Heard found = get(path(node));
        if (!found.ok()) {
            return found;
        }
        String tag = found.get().etag();
        return tag.isEmpty()
                ? ask("PUT", path(node), body)
                : ask("PUT", path(node), body, "If-Match", tag);
    }

    /// @param done what is said when it is
    int end(Heard heard, String done) {
        if (heard.ok()) {
            surroundings.out().println(done);
        }
        return heard.code();
    }
}
