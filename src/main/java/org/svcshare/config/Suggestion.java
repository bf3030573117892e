package org.svcshare.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;

/// What somebody probably meant.
final class Suggestion {
    /// Names of svcshare 0.3 and what they became; see `docs/from-0.3.md`.
    static final Map<String, String> FROM_0_3 =
            Map.ofEntries(
                    Map.entry("NICK", "owner"),
                    Map.entry("BOT_IRCSERVER", "irc.server"),
                    Map.entry("BOT_IRCPORT", "irc.server (host:port)"),
                    Map.entry("BOT_NICK", "irc.nick"),
                    Map.entry("BOT_CHANNEL", "irc.channel"),
                    Map.entry("BOT_SSL", "irc.tls.enabled"),
                    Map.entry("SERVICE_CLIENT", "client.type"),
                    Map.entry("SERVICE_CLIENT_URL", "client.url"),
                    Map.entry("SERVICE_CLIENT_KEY", "client.key"),
                    Map.entry("AUTO_RESUME", "turn.auto-resume"),
                    Map.entry("TARGET_HOST", "gate.targets"),
                    Map.entry("TARGET_PORT", "gate.targets"),
                    Map.entry("LOCAL_HOST", "gate.listen"),
                    Map.entry("LOCAL_PORT", "gate.listen"),
                    Map.entry("REPORTER_URL", "reporter.url"),
                    Map.entry("REPORTER_KEY", "reporter.key"));

    private Suggestion() {}

    /// ` (did you mean "nick"?)`, or nothing when nothing is near.
    static String among(Collection<String> words, String word) {
        int furthest = Math.clamp(word.length() / 3, 1, 3);
        String wanted = word.toLowerCase(Locale.ROOT);
        return words.stream()
                .sorted()
                .min(Comparator.comparingInt(w -> distance(w.toLowerCase(Locale.ROOT), wanted)))
                .filter(w -> distance(w.toLowerCase(Locale.ROOT), wanted) <= furthest)
                .map(w -> " (did you mean " + w + "?)")
                .orElse("");
    }

    /// For a key that a block does not have: a like one in the block, else the same one elsewhere.
    static String forKey(String section, Collection<String> known, String key) {
        String old = FROM_0_3.get(key);
        if (old != null) {
            return " (a name of svcshare 0.3; now " + old + ", see docs/from-0.3.md)";
        }
        String near = among(known, key);
        if (!near.isEmpty()) {
            return near;
        }
        return Reference.paths().stream()
                .filter(path -> path.endsWith("." + key) || path.equals(key))
                .filter(path -> !path.startsWith(section + ".") || section.isEmpty())
                .findFirst()
                .map(path -> " (did you mean " + path + "?)")
                .orElse("");
    }

    /// Edits that make one word the other: Damerau-Levenshtein, optimal string alignment.
    static int distance(String one, String other) {
        int[][] edits = new int[one.length() + 1][other.length() + 1];
        for (int i = 0; i <= one.length(); i++) {
            for (int j = 0; j <= other.length(); j++) {
                if (i == 0 || j == 0) {
                    edits[i][j] = i + j;
                    continue;
                }
                int change = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
                int least =
                        Math.min(
                                Math.min(edits[i - 1][j], edits[i][j - 1]) + 1,
                                edits[i - 1][j - 1] + change);
                if (i > 1
                        && j > 1
                        && one.charAt(i - 1) == other.charAt(j - 2)
                        && one.charAt(i - 2) == other.charAt(j - 1)) {
                    least = Math.min(least, edits[i - 2][j - 2] + 1);
                }
                edits[i][j] = least;
            }
        }
        return edits[one.length()][other.length()];
    }
}
