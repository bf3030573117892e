package org.svcshare.lock;

import java.io.StringWriter;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// The plain fields of a JSON object, read and written without Jackson's object mapper, which takes
/// a command longer to start than everything else together.
final class Fields {
    private static final JsonFactory JSON = JsonFactory.builder().build();

    private final Map<String, String> texts = new HashMap<>();

    private Fields() {}

    /// @param json something else than an object has no fields
    static Fields read(String json) {
        var fields = new Fields();
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return fields;
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (value.isStructStart()) {
                    parser.skipChildren();
                } else if (value != JsonToken.VALUE_NULL) {
                    fields.texts.put(name, parser.getString());
                }
            }
        } catch (JacksonException _) {
            // What was read before counts; what is missing is noticed by who asks for it.
        }
        return fields;
    }

    /// @param namesAndTexts a name, its text, a name, …; those with an empty text are left out
    static String write(String... namesAndTexts) {
        var out = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            for (int i = 0; i < namesAndTexts.length; i += 2) {
                if (!namesAndTexts[i + 1].isEmpty()) {
                    json.writeStringProperty(namesAndTexts[i], namesAndTexts[i + 1]);
                }
            }
            json.writeEndObject();
        }
        return out.toString();
    }

    /// Empty where there is none.
    String text(String name) {
        return texts.getOrDefault(name, "");
    }

    OptionalLong number(String name) {
        try {
            return OptionalLong.of(Long.parseLong(text(name)));
        } catch (NumberFormatException _) {
            return OptionalLong.empty();
        }
    }

    /// What an answer that is no JSON says: its beginning, on one line.
    static String words(String body) {
        String text = body.substring(0, Math.min(body.length(), 200));
        return text.replaceAll("\\p{Cntrl}+", " ").strip();
    }
}
