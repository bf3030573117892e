package org.svcshare.web;

import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.NodePatch;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// What a request wants a replica's node to be: the fields that its body has, and no others.
final class NodeBody {
    private static final JsonFactory JSON = JsonFactory.builder().build();
    private static final Set<String> FIELDS =
            new TreeSet<>(
                    Set.of("priority", "active", "maintenance", "tls", "weight", "host", "port"));

    private final boolean mayHaveSource;
    private @Nullable String host;
    private OptionalInt port = OptionalInt.empty();
    private OptionalInt priority = OptionalInt.empty();
    private OptionalInt weight = OptionalInt.empty();
    private Optional<Boolean> active = Optional.empty();
    private Optional<Boolean> maintenance = Optional.empty();
    private Optional<Boolean> tls = Optional.empty();
    private Optional<NodeAddress> source = Optional.empty();

    private NodeBody(boolean mayHaveSource) {
        this.mayHaveSource = mayHaveSource;
    }

    /// @param mayHaveSource whether the body may have a field `source`
    /// @throws IllegalArgumentException with what was expected, for people
    static NodeBody read(Buffer body, boolean mayHaveSource) {
        var read = new NodeBody(mayHaveSource);
        if (body.length() == 0) {
            return read;
        }
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body.getBytes())) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("expected a JSON object");
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                read.field(name, parser);
            }
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException(
                        "expected one JSON object and nothing behind it");
            }
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
        }
        return read;
    }

    private void field(String name, JsonParser parser) {
        switch (name) {
            case "host" -> host = text(name, parser);
            case "port" -> port = OptionalInt.of(number(name, parser, 1, 65_535));
            case "priority" ->
                    priority =
                            OptionalInt.of(
                                    number(name, parser, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case "weight" -> weight = OptionalInt.of(number(name, parser, 1, Node.MOST_WEIGHT));
            case "active" -> active = Optional.of(flag(name, parser));
            case "maintenance" -> maintenance = Optional.of(flag(name, parser));
            case "tls" -> tls = Optional.of(flag(name, parser));
            case "source" -> {
                if (!mayHaveSource) {
                    throw unknown();
                }
                source = Optional.of(address(name, text(name, parser)));
            }
            default -> throw unknown();
        }
    }

    private IllegalArgumentException unknown() {
        return new IllegalArgumentException(
                "expected no other fields than " + FIELDS + (mayHaveSource ? " and source" : ""));
    }

    /// @param node that it is about, whose host or port stays where the body has only the other one
    /// @throws IllegalArgumentException for a host that cannot be
    NodePatch patch(NodeAddress node) {
        var address =
                new NodeAddress(host(host == null ? node.host() : host), port.orElse(node.port()));
        return new NodePatch(
                address.equals(node) ? Optional.empty() : Optional.of(address),
                priority,
                active,
                maintenance,
                tls,
                weight);
    }

    /// @throws IllegalArgumentException when the body has none
    NodeAddress source() {
        return source.orElseThrow(
                () -> new IllegalArgumentException("source: expected, and not there"));
    }

    /// `host:port`, an IPv6 address in brackets.
    ///
    /// @param name of what it is, for people
    /// @throws IllegalArgumentException for anything else
    static NodeAddress address(String name, String text) {
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        String host = colon < 0 ? "" : text.substring(0, colon);
        boolean brackets = host.startsWith("[") && host.endsWith("]");
        if (!port.matches("[0-9]{1,5}") || (host.contains(":") && !brackets)) {
            throw new IllegalArgumentException(name + ": expected HOST:PORT");
        }
        int number = Integer.parseInt(port);
        if (number < 1 || number > 65_535) {
            throw new IllegalArgumentException(name + ": expected a port from 1 to 65535");
        }
        return new NodeAddress(host(host), number);
    }

    private static String host(String text) {
        boolean brackets = text.startsWith("[") && text.endsWith("]");
        String host = brackets ? text.substring(1, text.length() - 1) : text;
        if (!NodeAddress.isHost(host)) {
            throw new IllegalArgumentException(
                    "host: expected letters, digits and ._- or an IPv6 address");
        }
        return host;
    }

    private static String text(String name, JsonParser parser) {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw new IllegalArgumentException(name + ": expected a text");
        }
        return parser.getString();
    }

    private static boolean flag(String name, JsonParser parser) {
        return switch (parser.currentToken()) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case null, default ->
                    throw new IllegalArgumentException(name + ": expected true or false");
        };
    }

    private static int number(String name, JsonParser parser, int least, int most) {
        if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() == JsonParser.NumberType.INT) {
            int number = parser.getIntValue();
            if (number >= least && number <= most) {
                return number;
            }
        }
        throw new IllegalArgumentException(
                name + ": expected a whole number from " + least + " to " + most);
    }
}
