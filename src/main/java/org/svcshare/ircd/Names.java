package org.svcshare.ircd;

/// What may be a nick, a channel or a user name.
final class Names {
    private static final String SPECIAL = "[]\\`_^{|}";

    private Names() {}

    /// RFC 2812 section 2.3.1, with a longer limit.
    static boolean isNick(String name) {
        if (name.isEmpty() || name.length() > Limits.NICK) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean anywhere = isLetter(c) || SPECIAL.indexOf(c) >= 0;
            boolean notFirst = isDigit(c) || c == '-';
            if (!anywhere && (i == 0 || !notFirst)) {
                return false;
            }
        }
        return true;
    }

    static boolean isChannelTarget(String target) {
        return target.startsWith("#") || target.startsWith("&");
    }

    /// RFC 2812 section 1.3; control characters are refused, too, as they hide in windows.
    static boolean isChannel(String name) {
        if (!isChannelTarget(name) || name.length() < 2 || name.length() > Limits.CHANNEL_NAME) {
            return false;
        }
        for (int i = 1; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c <= ' ' || c == 0x7f || c == ',' || c == ':') {
                return false;
            }
        }
        return true;
    }

    /// A user name that fits a hostmask. Bots of the first generation send their nick, which holds
    /// a `|`, and would reconnect for ever if it were refused.
    static String user(String wished) {
        var user = new StringBuilder();
        for (int i = 0; i < wished.length() && user.length() < Limits.USER; i++) {
            char c = wished.charAt(i);
            boolean fits = isLetter(c) || isDigit(c) || c == '-' || c == '_' || c == '.';
            user.append(fits ? c : '_');
        }
        return user.isEmpty() ? "user" : user.toString();
    }

    static boolean isKey(String key) {
        if (key.isEmpty() || key.length() > Limits.KEY || key.startsWith(":")) {
            return false;
        }
        return key.chars().allMatch(c -> c > ' ' && c != ',' && c != 0x7f);
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
