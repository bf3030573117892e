package org.svcshare.client;

import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// As much of XML-RPC as a client needs: calls with texts and numbers, answers of any kind, read
/// into the same tree as JSON. Documents with a DTD are refused.
final class XmlRpc {
    private static final int DEEPEST = 50;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private XmlRpc() {}

    /// @param params texts and whole numbers
    static byte[] call(String method, List<Object> params) {
        var xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<methodCall>");
        xml.append("<methodName>").append(escaped(method)).append("</methodName><params>");
        for (Object param : params) {
            xml.append("<param><value>");
            if (param instanceof Number number) {
                xml.append("<int>").append(number.longValue()).append("</int>");
            } else {
                xml.append("<string>").append(escaped(param.toString())).append("</string>");
            }
            xml.append("</value></param>");
        }
        return xml.append("</params></methodCall>\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    /// @param fault whether the value is a fault (`faultCode`, `faultString`)
    record Response(boolean fault, JsonNode value) {}

    /// @throws XMLStreamException when it is no XML-RPC answer
    static Response response(String body) throws XMLStreamException {
        XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        factory.setProperty(XMLInputFactory.IS_REPLACING_ENTITY_REFERENCES, false);
        factory.setProperty(XMLInputFactory.IS_COALESCING, true);
        XMLStreamReader xml = factory.createXMLStreamReader(new StringReader(body));
        try {
            if (!"methodResponse".equals(nextTag(xml))) {
                throw wrong(xml, "a methodResponse");
            }
            String kind = nextTag(xml);
            if ("params".equals(kind)) {
                if (!"param".equals(nextTag(xml))) {
                    return new Response(false, NODES.nullNode());
                }
            } else if (!"fault".equals(kind)) {
                throw wrong(xml, "params or a fault");
            }
            if (!"value".equals(nextTag(xml))) {
                throw wrong(xml, "a value");
            }
            JsonNode value = value(xml, 0);
            while (xml.hasNext()) {
                xml.next(); // half a document is none
            }
            return new Response("fault".equals(kind), value);
        } finally {
            xml.close();
        }
    }

    /// At `<value>`; leaves the reader at `</value>`.
    private static JsonNode value(XMLStreamReader xml, int depth) throws XMLStreamException {
        if (depth > DEEPEST) {
            throw wrong(xml, "a value that is less deep");
        }
        var text = new StringBuilder();
        while (true) {
            switch (xml.next()) {
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA ->
                        text.append(xml.getText());
                case XMLStreamConstants.END_ELEMENT -> {
                    return NODES.stringNode(text.toString()); // no type means a text
                }
                case XMLStreamConstants.START_ELEMENT -> {
                    JsonNode typed = typed(xml, depth);
                    if (nextTag(xml) != null) {
                        throw wrong(xml, "the end of a value");
                    }
                    return typed;
                }
                case XMLStreamConstants.ENTITY_REFERENCE, XMLStreamConstants.DTD ->
                        throw wrong(xml, "no entities");
                default -> {
                    // Comments and blanks.
                }
            }
        }
    }

    private static JsonNode typed(XMLStreamReader xml, int depth) throws XMLStreamException {
        return switch (xml.getLocalName()) {
            case "struct" -> {
                var struct = NODES.objectNode();
                while ("member".equals(nextTag(xml))) {
                    if (!"name".equals(nextTag(xml))) {
                        throw wrong(xml, "a name");
                    }
                    String name = xml.getElementText();
                    if (!"value".equals(nextTag(xml))) {
                        throw wrong(xml, "a value");
                    }
                    struct.set(name, value(xml, depth + 1));
                    if (nextTag(xml) != null) {
                        throw wrong(xml, "the end of a member");
                    }
                }
                yield struct;
            }
            case "array" -> {
                var array = NODES.arrayNode();
                if (!"data".equals(nextTag(xml))) {
                    throw wrong(xml, "data");
                }
                while ("value".equals(nextTag(xml))) {
                    array.add(value(xml, depth + 1));
                }
                if (nextTag(xml) != null) {
                    throw wrong(xml, "the end of a list");
                }
                yield array;
            }
            case "boolean" -> NODES.booleanNode("1".equals(xml.getElementText().strip()));
            case "nil" -> {
                xml.getElementText();
                yield NODES.nullNode();
            }
            // Numbers stay texts: who reads them checks them.
            default -> NODES.stringNode(xml.getElementText());
        };
    }

    /// The name of the element that begins here, or null where one ends.
    private static @Nullable String nextTag(XMLStreamReader xml) throws XMLStreamException {
        return xml.nextTag() == XMLStreamConstants.START_ELEMENT ? xml.getLocalName() : null;
    }

    private static XMLStreamException wrong(XMLStreamReader xml, String expected) {
        return new XMLStreamException("expected " + expected, xml.getLocation());
    }
}
