package org.svcshare.client;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import org.svcshare.client.ClientException.Kind;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// An answer's members, read with distrust: numbers may come as text, must be numbers, and are kept
/// between 0 and [#MOST]. What is missing or of the wrong shape is [Kind#MALFORMED].
///
/// @param name how the member is called in messages
/// @param where who answered, for messages
record Fields(JsonNode node, String name, String where) {
    static final JsonMapper JSON = JsonMapper.builder().build();

    /// An exbibyte: nobody's queue, but still a number to count with.
    static final double MOST = 0x1p60;

    static final double MIB = 0x1p20;

    private static final Pattern NUMBER =
            Pattern.compile("[+-]?(\\d{1,400}(\\.\\d{0,400})?|\\.\\d{1,400})([eE][+-]?\\d{1,9})?");

    static Fields parse(String body, String where) throws ClientException {
        try {
            JsonNode node = JSON.readTree(body);
            if (node != null && !node.isMissingNode()) {
                return new Fields(node, "the answer", where);
            }
        } catch (JacksonException e) {
            // What the parser says of it helps nobody who set a wrong URL; what came does.
        }
        throw new ClientException(
                Kind.MALFORMED,
                where
                        + ": expected JSON, got "
                        + (body.isEmpty() ? "nothing" : "\"" + Texts.excerpt(body) + "\"")
                        + "; does client.url name the program's control interface?");
    }

    boolean has(String member) {
        return node.isObject() && node.has(member) && !node.get(member).isNull();
    }

    Fields member(String member) throws ClientException {
        if (!has(member)) {
            throw malformed(name + " has no \"" + member + "\"");
        }
        return new Fields(node.get(member), "\"" + member + "\"", where);
    }

    Fields object(String member) throws ClientException {
        return member(member).asObject();
    }

    Fields asObject() throws ClientException {
        if (!node.isObject()) {
            throw malformed(name + " is not an object");
        }
        return this;
    }

    List<Fields> list(String member) throws ClientException {
        return member(member).asList();
    }

    List<Fields> asList() throws ClientException {
        if (!node.isArray()) {
            throw malformed(name + " is not a list");
        }
        var list = new ArrayList<Fields>(node.size());
        for (JsonNode item : node) {
            list.add(new Fields(item, "an item of " + name, where));
        }
        return list;
    }

    /// From 0 to [#MOST]: what is below or above becomes the bound.
    double number(String member) throws ClientException {
        return member(member).asNumber();
    }

    OptionalDouble numberIfAny(String member) throws ClientException {
        return has(member) ? OptionalDouble.of(number(member)) : OptionalDouble.empty();
    }

    double asNumber() throws ClientException {
        return Math.clamp(asSigned(), 0, MOST);
    }

    /// For results where below 0 means something.
    double asSigned() throws ClientException {
        if (node.isNumber() || node.isString()) {
            String text = node.asString().strip();
            if (NUMBER.matcher(text).matches()) {
                return Double.parseDouble(text);
            }
        }
        throw malformed(name + " is not a number: " + Texts.excerpt(node.toString()));
    }

    boolean flag(String member) {
        JsonNode value = node.path(member);
        return value.isBoolean()
                ? value.booleanValue()
                : value.isNumber()
                        ? !value.asString().equals("0")
                        : value.isString()
                                && (value.stringValue().equalsIgnoreCase("true")
                                        || value.stringValue().equals("1"));
    }

    String text(String member) throws ClientException {
        return textIfAny(member)
                .orElseThrow(() -> malformed(name + " has no text \"" + member + "\""));
    }

    Optional<String> textIfAny(String member) {
        JsonNode value = node.path(member);
        return value.isString() || value.isNumber()
                ? Optional.of(value.asString())
                : Optional.empty();
    }

    ClientException malformed(String what) {
        return new ClientException(Kind.MALFORMED, where + ": " + what);
    }

    static byte[] bytes(JsonNode json) {
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }
}
