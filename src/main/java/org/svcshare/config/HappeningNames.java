package org.svcshare.config;

import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import org.svcshare.turn.Happening;

/// What happenings are called in settings, hooks and logs: `TurnGranted` is `turn-granted`.
public final class HappeningNames {
    private HappeningNames() {}

    public static String of(Happening happening) {
        return kebab(happening.getClass());
    }

    public static SortedSet<String> all() {
        var names = new TreeSet<String>();
        for (Class<?> type : Happening.class.getPermittedSubclasses()) {
            names.add(kebab(type));
        }
        return names;
    }

    private static String kebab(Class<?> type) {
        return type.getSimpleName()
                .replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-")
                .toLowerCase(Locale.ROOT);
    }
}
