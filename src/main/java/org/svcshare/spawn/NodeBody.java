package org.svcshare.spawn;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodePatch;
import tools.jackson.databind.JsonNode;

/// A node object of a request: what it has is meant, what it does not have stays. Fields that
/// nobody knows are passed over, as spawn did.
record NodeBody(JsonNode object) {
    private static final int MOST_NODES = 1000;
    private static final int MOST_PORT = 65_535;

    /// @throws Refusal.Thrown for what is no object
    static NodeBody of(JsonNode read) throws Refusal.Thrown {
        if (!read.isObject()) {
            throw new Refusal.Thrown(Refusal.unrecognized("expected a node, a JSON object"));
        }
        return new NodeBody(read);
    }

    /// The settings of several nodes, by their addresses and in the array's order. Of a node that
    /// stands there twice the later fields count.
    static Map<NodeAddress, NodePatch> all(JsonNode read) throws Refusal.Thrown {
        if (!read.isArray() || read.size() > MOST_NODES) {
            throw new Refusal.Thrown(
                    Refusal.unrecognized(
                            "expected a JSON array of at most " + MOST_NODES + " nodes"));
        }
        var patches = new LinkedHashMap<NodeAddress, NodePatch>();
        for (JsonNode one : read) {
            NodeBody body = of(one);
            patches.merge(
                    body.address(), body.settings(Optional.empty()), NodeBody::laterFieldsCount);
        }
        return patches;
    }

    private static NodePatch laterFieldsCount(NodePatch before, NodePatch later) {
        return new NodePatch(
                Optional.empty(),
                later.priority().isPresent() ? later.priority() : before.priority(),
                later.active().or(before::active),
                later.maintenance().or(before::maintenance),
                later.tls().or(before::tls),
                later.weight().isPresent() ? later.weight() : before.weight());
    }

    private NodeAddress address() throws Refusal.Thrown {
        Optional<String> host = text("host");
        OptionalInt port = port();
        if (host.isEmpty() || host.get().isEmpty() || port.isEmpty() || port.getAsInt() == 0) {
            throw new Refusal.Thrown(Refusal.empty("host/port"));
        }
        return new NodeAddress(host(host.get()), port.getAsInt());
    }

    /// What is to become of a node that is there; another host or port moves it.
    NodePatch change(NodeAddress node) throws Refusal.Thrown {
        Optional<String> host = text("host");
        OptionalInt port = port();
        if (host.isPresent() && host.get().isEmpty()) {
            throw new Refusal.Thrown(Refusal.empty("host"));
        }
        if (port.isPresent() && port.getAsInt() == 0) {
            throw new Refusal.Thrown(Refusal.zero("port"));
        }
        var to =
                new NodeAddress(
                        host.isPresent() ? host(host.get()) : node.host(),
                        port.orElse(node.port()));
        return settings(to.equals(node) ? Optional.empty() : Optional.of(to));
    }

    /// What a new node is like; where it is, is in the path.
    NodePatch creation() throws Refusal.Thrown {
        return settings(Optional.empty());
    }

    private NodePatch settings(Optional<NodeAddress> to) throws Refusal.Thrown {
        return new NodePatch(
                to,
                number("priority", Integer.MIN_VALUE, Integer.MAX_VALUE),
                flag("active"),
                flag("maintenance"),
                flag("tls"),
                number("weight", 1, Node.MOST_WEIGHT));
    }

    // The parts of an address.

    /// @param text IPv6 with or without brackets
    static String host(String text) throws Refusal.Thrown {
        boolean brackets = text.startsWith("[") && text.endsWith("]");
        String host = brackets ? text.substring(1, text.length() - 1) : text;
        if (!NodeAddress.isHost(host)) {
            throw new Refusal.Thrown(
                    Refusal.unrecognized(
                            "host", "expected letters, digits and ._- or an IPv6 address"));
        }
        return host;
    }

    static int port(String text) throws Refusal.Thrown {
        boolean number = text.matches("[0-9]{1,9}");
        int port = number ? Integer.parseInt(text) : -1;
        if (port == 0) {
            throw new Refusal.Thrown(Refusal.zero("port"));
        }
        if (port < 0 || port > MOST_PORT) {
            throw new Refusal.Thrown(
                    Refusal.unrecognized("port", "expected a number from 1 to " + MOST_PORT));
        }
        return port;
    }

    // The fields; a null is as good as none.

    private @Nullable JsonNode field(String name) {
        JsonNode value = object.get(name);
        return value == null || value.isNull() ? null : value;
    }

    /// 0 is left to the caller.
    private OptionalInt port() throws Refusal.Thrown {
        JsonNode value = field("port");
        if (value == null) {
            return OptionalInt.empty();
        }
        if (!value.isIntegralNumber()) {
            throw new Refusal.Thrown(Refusal.unrecognized("port: expected a number"));
        }
        String text = value.asString();
        return OptionalInt.of(text.equals("0") ? 0 : port(text));
    }

    private Optional<String> text(String name) throws Refusal.Thrown {
        JsonNode value = field(name);
        if (value != null && !value.isString()) {
            throw new Refusal.Thrown(Refusal.unrecognized(name + ": expected a text"));
        }
        return Optional.ofNullable(value).map(JsonNode::asString);
    }

    private Optional<Boolean> flag(String name) throws Refusal.Thrown {
        JsonNode value = field(name);
        if (value != null && !value.isBoolean()) {
            throw new Refusal.Thrown(Refusal.unrecognized(name + ": expected true or false"));
        }
        return Optional.ofNullable(value).map(JsonNode::asBoolean);
    }

    private OptionalInt number(String name, int least, int most) throws Refusal.Thrown {
        JsonNode value = field(name);
        if (value == null) {
            return OptionalInt.empty();
        }
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.asInt() < least
                || value.asInt() > most) {
            throw new Refusal.Thrown(
                    Refusal.unrecognized(
                            name + ": expected a whole number from " + least + " to " + most));
        }
        return OptionalInt.of(value.asInt());
    }
}
