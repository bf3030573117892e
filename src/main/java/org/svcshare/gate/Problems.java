package org.svcshare.gate;

import java.net.ConnectException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What went wrong, in one short line for people.
final class Problems {
    private static final int MOST_CHARS = 160;

    private Problems() {}

    static String of(@Nullable Throwable problem) {
        if (problem == null) {
            return "cancelled";
        }
        Throwable root = problem;
        for (int depth = 0; depth < 16 && root.getCause() != null; depth++) {
            root = root.getCause();
        }
        String text =
                root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        if (root instanceof ConnectException
                && text.toLowerCase(Locale.ROOT).contains("connection refused")) {
            return "connection refused";
        }
        // A certificate's text comes from outside.
        String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
        return line.length() > MOST_CHARS ? line.substring(0, MOST_CHARS) : line;
    }
}
