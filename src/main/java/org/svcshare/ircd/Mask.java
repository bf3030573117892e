package org.svcshare.ircd;

import org.svcshare.turn.Casemapping;

/// Masks with `*` and `?`, as in bans.
final class Mask {
    private Mask() {}

    /// In time of at most mask × name, whatever the mask: only the last `*` is ever tried again.
    static boolean matches(Casemapping casemapping, String mask, String name) {
        String pattern = casemapping.fold(mask);
        String subject = casemapping.fold(name);
        int p = 0;
        int s = 0;
        int star = -1;
        int resume = 0;
        while (s < subject.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                resume = s;
            } else if (p < pattern.length()
                    && (pattern.charAt(p) == '?' || pattern.charAt(p) == subject.charAt(s))) {
                p++;
                s++;
            } else if (star >= 0) {
                p = star + 1;
                s = ++resume;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    static boolean isMask(String text) {
        return text.indexOf('*') >= 0 || text.indexOf('?') >= 0;
    }

    /// The full `nick!user@host` form of what people type in a ban.
    static String complete(String typed) {
        int bang = typed.indexOf('!');
        int at = typed.lastIndexOf('@');
        if (bang >= 0 && at > bang) {
            return part(typed.substring(0, bang))
                    + "!"
                    + part(typed.substring(bang + 1, at))
                    + "@"
                    + part(typed.substring(at + 1));
        }
        if (bang >= 0) {
            return part(typed.substring(0, bang)) + "!" + part(typed.substring(bang + 1)) + "@*";
        }
        if (at >= 0) {
            return "*!" + part(typed.substring(0, at)) + "@" + part(typed.substring(at + 1));
        }
        boolean host = typed.indexOf('.') >= 0 || typed.indexOf(':') >= 0;
        return host ? "*!*@" + typed : part(typed) + "!*@*";
    }

    private static String part(String text) {
        return text.isEmpty() ? "*" : text;
    }
}
