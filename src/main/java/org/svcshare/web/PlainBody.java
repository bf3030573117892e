package org.svcshare.web;

import io.vertx.core.buffer.Buffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// The body of a request that is not asked often: one JSON object of texts and numbers.
record PlainBody(Map<String, String> texts) {
    private static final JsonFactory JSON = JsonFactory.builder().build();

    /// @param known which fields there may be
    /// @throws IllegalArgumentException with what was expected, for people
    static PlainBody read(Buffer body, Set<String> known) {
        var texts = new HashMap<String, String>();
        if (body.length() == 0) {
            return new PlainBody(texts);
        }
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), body.getBytes())) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("expected a JSON object");
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (!known.contains(name)) {
                    throw new IllegalArgumentException(
                            "expected no other fields than " + new TreeSet<>(known));
                }
                if (value != JsonToken.VALUE_STRING && value != JsonToken.VALUE_NUMBER_INT) {
                    throw new IllegalArgumentException(name + ": expected a text or a number");
                }
                texts.put(name, parser.getString());
            }
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException(
                        "expected one JSON object and nothing behind it");
            }
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
        }
        return new PlainBody(texts);
    }

    Optional<String> text(String name) {
        return Optional.ofNullable(texts.get(name)).filter(text -> !text.isEmpty());
    }

    /// @throws IllegalArgumentException when it is not there
    String need(String name) {
        return text(name)
                .orElseThrow(
                        () -> new IllegalArgumentException(name + ": expected, and not there"));
    }
}
