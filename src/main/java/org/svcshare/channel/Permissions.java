package org.svcshare.channel;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.CommandSettings;
import org.svcshare.turn.Casemapping;

/// Who may give which command.
///
/// Where the settings say nothing a command may be given by anyone, but `enqueue` by the owner
/// alone, as it always was, and `unlock-others`, `kv-put` and `maintenance` by the owner and
/// operators. The owner is who matches one of the owner's rules; without such rules whoever has the
/// owner's nick, which proves little (the manual says so).
public final class Permissions {
    private final CommandSettings settings;
    private final Map<String, List<String>> allow = new TreeMap<>();

    /// Somebody who asked, as this bot sees them.
    ///
    /// @param account null when not logged in or not known
    /// @param voice has voice or a higher rank
    /// @param op is an operator of the channel or of a higher rank
    /// @param home asks at this bot's own svcshare, whose token says that it may; so the owner
    public record Person(
            String nick,
            String mask,
            @Nullable String account,
            boolean voice,
            boolean op,
            boolean home) {

        /// Somebody in a channel of IRC.
        public Person(
                String nick, String mask, @Nullable String account, boolean voice, boolean op) {
            this(nick, mask, account, voice, op, false);
        }
    }

    public Permissions(CommandSettings settings) {
        this.settings = settings;
        settings.allow()
                .forEach((word, rules) ->
                        allow.put(
                                CommandWord.of(word)
                                        .map(CommandWord::word)
                                        .orElse(word.toLowerCase(Locale.ROOT)),
                                rules));
    }

    public boolean allows(Person person, CommandWord word, Casemapping casemapping) {
        return rules(word).stream().anyMatch(rule -> matches(person, rule, casemapping));
    }

    public boolean isOwner(Person person, Casemapping casemapping) {
        if (person.home()) {
            return true;
        }
        if (settings.owners().isEmpty()) {
            return !settings.ownerNick().isEmpty()
                    && casemapping.same(person.nick(), settings.ownerNick());
        }
        return settings.owners().stream()
                // A rule `owner` among the owner's rules would ask for itself for ever.
                .filter(rule -> !rule.equalsIgnoreCase("owner"))
                .anyMatch(rule -> matches(person, rule, casemapping));
    }

    List<String> rules(CommandWord word) {
        List<String> otherwise =
                switch (word) {
                    case ENQUEUE -> List.of("owner");
                    case UNLOCK_OTHERS, KV_PUT, MAINTENANCE -> List.of("op", "owner");
                    default -> List.of("anyone");
                };
        return allow.getOrDefault(word.word(), otherwise);
    }

    private boolean matches(Person person, String rule, Casemapping casemapping) {
        int colon = rule.indexOf(':');
        String kind = (colon < 0 ? rule : rule.substring(0, colon)).toLowerCase(Locale.ROOT);
        String value = colon < 0 ? "" : rule.substring(colon + 1);
        return switch (kind) {
            case "anyone" -> true;
            case "voice" -> person.voice();
            case "op" -> person.op();
            case "owner" -> isOwner(person, casemapping);
            case "account" -> {
                String account = person.account();
                yield account != null && !account.isEmpty() && casemapping.same(account, value);
            }
            case "host" -> fits(casemapping.fold(value), casemapping.fold(person.mask()));
            // What nobody understands lets nobody in.
            default -> false;
        };
    }

    /// A mask with `*` and `?`; linear in the text for each star, so no mask is dear.
    static boolean fits(String mask, String text) {
        int m = 0;
        int t = 0;
        int star = -1;
        int mark = 0;
        while (t < text.length()) {
            if (m < mask.length() && mask.charAt(m) == '*') {
                star = m++;
                mark = t;
            } else if (m < mask.length()
                    && (mask.charAt(m) == '?' || mask.charAt(m) == text.charAt(t))) {
                m++;
                t++;
            } else if (star >= 0) {
                m = star + 1;
                t = ++mark;
            } else {
                return false;
            }
        }
        while (m < mask.length() && mask.charAt(m) == '*') {
            m++;
        }
        return m == mask.length();
    }
}
