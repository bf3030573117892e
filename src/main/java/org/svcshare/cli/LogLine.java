package org.svcshare.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.event.KeyValuePair;

/// How one event is written.
interface LogLine {
    String OURS = "org.svcshare.";

    /// @param similar how many events like this one were left out before it
    /// @return one line with its end; more only for a stack trace
    String of(ILoggingEvent event, long similar);

    /// The room an event comes from, or the library.
    static String component(String logger) {
        String inside = logger.startsWith(OURS) ? logger.substring(OURS.length()) : "";
        int room = inside.indexOf('.');
        return room > 0 ? inside.substring(0, room) : logger.substring(logger.lastIndexOf('.') + 1);
    }

    /// What belongs to the message, in order.
    static Map<String, String> values(ILoggingEvent event, long similar) {
        var values = new LinkedHashMap<String, String>();
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                values.put(pair.key, String.valueOf(pair.value));
            }
        }
        if (similar > 0) {
            values.put("similar-left-out", String.valueOf(similar));
        }
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            String name = thrown.getClassName();
            values.put(
                    "error",
                    name.substring(name.lastIndexOf('.') + 1) + ": " + thrown.getMessage());
        }
        return values;
    }
}
