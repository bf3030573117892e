package org.svcshare.spawn;

import io.vertx.core.buffer.Buffer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Reading and writing JSON, bounded and as Go writes it.
final class Json {
    private static final JsonMapper MAPPER =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(8)
                                                    .maxStringLength(64 * 1024)
                                                    .maxNumberLength(100)
                                                    .build())
                                    .build())
                    .build();

    private static final ObjectWriter PRETTY = MAPPER.writer().with(printer());

    private Json() {}

    private static DefaultPrettyPrinter printer() {
        var lines = new DefaultIndenter("  ", "\n");
        return new DefaultPrettyPrinter(
                        Separators.createDefaultInstance()
                                .withObjectNameValueSpacing(Separators.Spacing.AFTER)
                                .withObjectEmptySeparator("")
                                .withArrayEmptySeparator(""))
                .withObjectIndenter(lines)
                .withArrayIndenter(lines);
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static String text(JsonNode node, boolean pretty) {
        return pretty ? PRETTY.writeValueAsString(node) : MAPPER.writeValueAsString(node);
    }

    /// @throws Refusal.Thrown for what is no JSON, or nothing
    static JsonNode read(Buffer body) throws Refusal.Thrown {
        try {
            JsonNode read = MAPPER.readTree(body.getBytes());
            if (read == null || read.isMissingNode()) {
                throw new Refusal.Thrown(Refusal.unrecognized("expected JSON, and got nothing"));
            }
            return read;
        } catch (JacksonException e) {
            throw new Refusal.Thrown(Refusal.unrecognized("not JSON: " + e.getOriginalMessage()));
        }
    }
}
