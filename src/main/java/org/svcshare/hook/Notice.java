package org.svcshare.hook;

import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.HappeningNames;
import org.svcshare.turn.Happening;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// Something that happened, as hooks are told it: the same fields as JSON and as environment.
///
/// Names are those of the record's components in snake case, durations in seconds with `_seconds`
/// behind the name, instants in ISO 8601. They are promised: scripts depend on them. Events of a
/// group are made by [GroupNotice].
record Notice(String event, Map<String, @Nullable Object> fields) {
    /// A multiple of four, so that what is cut of a Base64 text is one itself.
    private static final int LONGEST_TEXT = 1000;

    static Notice of(Happening happening, Instant time, String nick) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        String event = HappeningNames.of(happening);
        fields.put("event", event);
        fields.put("time", time.toString());
        fields.put("bot", nick);
        for (RecordComponent component : happening.getClass().getRecordComponents()) {
            String name = snake(component.getName());
            switch (value(component, happening)) {
                case Duration duration ->
                        fields.put(name + "_seconds", duration.toMillis() / 1000.0);
                case Instant instant -> fields.put(name, instant.toString());
                case String text -> fields.put(name, oneLine(text));
                case null -> fields.put(name, null);
                case Object other -> fields.put(name, other);
            }
        }
        return new Notice(event, fields);
    }

    byte[] json() {
        try {
            return JsonMapper.shared().writeValueAsBytes(fields);
        } catch (JacksonException e) {
            throw new IllegalStateException(fields.toString(), e);
        }
    }

    /// `SVCSHARE_EVENT`, `SVCSHARE_TURN` …; what is not there is an empty text. Each is one line of
    /// at most 1000 characters.
    Map<String, String> environment() {
        var variables = new LinkedHashMap<String, String>();
        fields.forEach((name, value) ->
                variables.put(
                        "SVCSHARE_" + name.toUpperCase(Locale.ROOT),
                        value == null ? "" : oneLine(String.valueOf(value))));
        return variables;
    }

    private static @Nullable Object value(RecordComponent component, Happening happening) {
        try {
            return component.getAccessor().invoke(happening);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(component + " of " + happening, e);
        }
    }

    private static String snake(String name) {
        return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }

    /// Texts come from others: no control character gets into an environment, and they end.
    private static String oneLine(String text) {
        int end = Math.min(text.length(), LONGEST_TEXT);
        boolean withinPair = end < text.length() && Character.isHighSurrogate(text.charAt(end - 1));
        return text.substring(0, withinPair ? end - 1 : end).replaceAll("\\p{Cntrl}", " ");
    }
}
