package org.svcshare.lock;

import java.util.Locale;

/// Why a server said no: the `code` of its problem document.
public enum Why {
    BUSY,
    TIMED_OUT,
    TOO_MANY_WAITERS,
    TOO_MANY_TICKETS,
    UNKNOWN_POOL,
    NOT_ALLOWED,
    FORBIDDEN,
    UNAUTHORIZED,
    NOT_OWNER,
    EXPIRED,
    RELEASED,
    FORCED,
    UNKNOWN_TICKET,
    ID_REUSED,
    INVALID,
    WRONG_HOST,
    /// One machine keeps the pools, not a group.
    NO_GROUP,
    UNKNOWN_NODE,
    /// It does not go with what is there; only the words say what.
    CONFLICT,
    /// Something that this client does not know, or that does not come from our server.
    OTHER;

    static Why of(String code, int status) {
        for (Why why : values()) {
            if (why.name().toLowerCase(Locale.ROOT).equals(code)) {
                return why;
            }
        }
        return switch (status) {
            case 400 -> INVALID;
            case 401 -> UNAUTHORIZED;
            case 403 -> FORBIDDEN;
            case 408 -> TIMED_OUT;
            case 409 -> CONFLICT;
            case 421 -> WRONG_HOST;
            default -> OTHER;
        };
    }

    /// Whether a lock that was ours is not any longer.
    public boolean lost() {
        return switch (this) {
            case NOT_OWNER, EXPIRED, RELEASED, FORCED, UNKNOWN_TICKET, UNKNOWN_POOL -> true;
            default -> false;
        };
    }
}
