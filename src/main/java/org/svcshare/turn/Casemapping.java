package org.svcshare.turn;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// How a network compares nicks and channels: the `CASEMAPPING` token of ISUPPORT; or how a group
/// of members does.
///
/// Source: modern IRC client protocol, "CASEMAPPING parameter"; RFC 2812 section 2.2.
public enum Casemapping {
    /// Only `A`–`Z` and `a`–`z` are alike.
    ASCII,
    /// ASCII, and `[]\~` are the upper case of `{}|^`. What a server means that says nothing.
    RFC1459,
    /// As [#RFC1459], but `~` and `^` differ.
    STRICT_RFC1459,
    /// Names are alike if they are the same. What members of a group are told apart by; no server
    /// of IRC means it.
    EXACT;

    /// @param token what the server sent, any case; null or unknown means [#RFC1459]
    public static Casemapping of(@Nullable String token) {
        if (token == null) {
            return RFC1459;
        }
        return switch (token.toLowerCase(Locale.ROOT)) {
            case "ascii" -> ASCII;
            case "strict-rfc1459", "rfc1459-strict" -> STRICT_RFC1459;
            default -> RFC1459;
        };
    }

    /// The form in which two names that the network takes for one are equal.
    public String fold(String name) {
        if (this == EXACT) {
            return name;
        }
        var folded = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            folded.append(fold(name.charAt(i)));
        }
        return folded.toString();
    }

    /// Whether the network takes both for the same name.
    public boolean same(String one, String other) {
        return fold(one).equals(fold(other));
    }

    private char fold(char c) {
        if (c >= 'A' && c <= 'Z') {
            return (char) (c + ('a' - 'A'));
        }
        if (this == ASCII) {
            return c;
        }
        return switch (c) {
            case '[' -> '{';
            case ']' -> '}';
            case '\\' -> '|';
            case '~' -> this == RFC1459 ? '^' : c;
            default -> c;
        };
    }
}
