package org.svcshare.ircd;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One line on its way to clients, before the tags that each of them asked for.
///
/// @param body without tags, at most [Wire#BODY_BYTES]
/// @param origin who said it, for the account and bot tags; null for the server
/// @param clientTags the `+…` tags to hand on; empty for none
/// @param msgId empty for none
record Message(String body, @Nullable Client origin, String clientTags, String msgId) {

    static Message by(Client origin, String verb, String... params) {
        return new Message(format(origin.source(), verb, List.of(params), null), origin, "", "");
    }

    /// As [#by], with a last parameter that always gets its colon.
    static Message saying(Client origin, String verb, String target, String text) {
        return new Message(format(origin.source(), verb, List.of(target), text), origin, "", "");
    }

    static Message saying(Client origin, String verb, List<String> params, String text) {
        return new Message(format(origin.source(), verb, params, text), origin, "", "");
    }

    /// A command whose only parameter is text.
    static Message saying(Client origin, String verb, String text) {
        return new Message(format(origin.source(), verb, List.of(), text), origin, "", "");
    }

    static Message server(String server, String verb, List<String> params, @Nullable String text) {
        return new Message(format(server, verb, params, text), null, "", "");
    }

    Message tagged(String tags, String id) {
        return new Message(body, origin, tags, id);
    }

    /// @param text last parameter, written with a colon; null for none
    private static String format(
            String source, String verb, List<String> params, @Nullable String text) {
        var line = new StringBuilder(128).append(':').append(source).append(' ').append(verb);
        for (int i = 0; i < params.size(); i++) {
            String param = params.get(i);
            boolean last = i == params.size() - 1 && text == null;
            line.append(' ').append(last ? asLast(param) : asMiddle(param));
        }
        if (text != null) {
            line.append(" :").append(text);
        }
        return Wire.cut(Wire.withoutLineEnds(line.toString()), Wire.BODY_BYTES);
    }

    private static String asLast(String param) {
        boolean needsColon = param.isEmpty() || param.startsWith(":") || param.indexOf(' ') >= 0;
        return needsColon ? ":" + param : param;
    }

    /// A parameter that others follow must not be empty, hold a blank or begin with a colon, or the
    /// ones after it move.
    private static String asMiddle(String param) {
        if (param.isEmpty()) {
            return "*";
        }
        String word = param.replace(' ', '_');
        return word.startsWith(":") ? "_" + word.substring(1) : word;
    }
}
