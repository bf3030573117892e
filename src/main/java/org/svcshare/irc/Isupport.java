package org.svcshare.irc;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.svcshare.turn.Casemapping;

/// What the server said about itself in numeric 005.
///
/// Owned by the channel's loop. Source: modern IRC client protocol, "RPL_ISUPPORT parameters".
final class Isupport {
    private static final int MAX_TOKENS = 256;

    private final Map<String, String> tokens = new HashMap<>();

    /// @param params of the numeric: our nick, tokens, a text for people
    void learn(List<String> params) {
        for (int i = 1; i < params.size() - 1 && tokens.size() < MAX_TOKENS; i++) {
            String token = params.get(i);
            int equals = token.indexOf('=');
            String key = (equals < 0 ? token : token.substring(0, equals)).toUpperCase(Locale.ROOT);
            if (key.startsWith("-")) {
                tokens.remove(key.substring(1));
            } else if (!key.isEmpty()) {
                tokens.put(key, equals < 0 ? "" : token.substring(equals + 1));
            }
        }
    }

    Casemapping casemapping() {
        return Casemapping.of(tokens.get("CASEMAPPING"));
    }

    String network() {
        return tokens.getOrDefault("NETWORK", "");
    }

    /// The user mode that marks bots, or the empty text. Source: IRCv3 bot-mode.
    String botMode() {
        String letter = tokens.getOrDefault("BOT", "");
        return letter.length() == 1 && Character.isLetter(letter.charAt(0)) ? letter : "";
    }

    /// Whether client-only tags of that name are passed on. Source: IRCv3 message-tags,
    /// `CLIENTTAGDENY`.
    ///
    /// @param name without its `+`
    boolean passesTag(String name) {
        var denied = List.of(tokens.getOrDefault("CLIENTTAGDENY", "").split(","));
        return !denied.contains(name) && (!denied.contains("*") || denied.contains("-" + name));
    }

    boolean whox() {
        return tokens.containsKey("WHOX");
    }

    /// Bytes of a line with its end; servers with longer ones say so.
    int lineBytes() {
        return number("LINELEN", 512, 512, 8192);
    }

    int nickLength() {
        return number("NICKLEN", 30, 1, 50);
    }

    /// Letters of the ranks, highest first: `qaohv`.
    String rankModes() {
        String prefix = prefix();
        return prefix.substring(1, prefix.indexOf(')'));
    }

    /// Signs of the ranks, in the order of [#rankModes].
    String rankSigns() {
        String prefix = prefix();
        return prefix.substring(prefix.indexOf(')') + 1);
    }

    private String prefix() {
        String prefix = tokens.getOrDefault("PREFIX", "(ov)@+");
        int close = prefix.indexOf(')');
        return prefix.startsWith("(") && close > 0 && prefix.length() == 2 * close
                ? prefix
                : "(ov)@+";
    }

    /// Whether a channel mode comes with an argument.
    boolean takesArgument(char mode, boolean set) {
        if (rankModes().indexOf(mode) >= 0) {
            return true;
        }
        String[] kinds = tokens.getOrDefault("CHANMODES", "beI,k,l,imnpst").split(",", -1);
        for (int i = 0; i < kinds.length && i < 3; i++) {
            if (kinds[i].indexOf(mode) >= 0) {
                return i < 2 || set;
            }
        }
        return false;
    }

    private int number(String token, int otherwise, int min, int max) {
        String text = tokens.getOrDefault(token, "");
        if (!text.matches("\\d{1,6}")) {
            return otherwise;
        }
        return Math.clamp(Integer.parseInt(text), min, max);
    }
}
