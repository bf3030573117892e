package org.svcshare.ircd;

import java.util.Optional;

/// What a client can ask for with `CAP REQ`. Source: the IRCv3 specification of that name each.
enum Capability {
    ACCOUNT_NOTIFY("account-notify"),
    ACCOUNT_TAG("account-tag"),
    AWAY_NOTIFY("away-notify"),
    BATCH("batch"),
    CAP_NOTIFY("cap-notify"),
    ECHO_MESSAGE("echo-message"),
    EXTENDED_JOIN("extended-join"),
    INVITE_NOTIFY("invite-notify"),
    LABELED_RESPONSE("labeled-response"),
    MESSAGE_TAGS("message-tags"),
    MULTI_PREFIX("multi-prefix"),
    SASL("sasl"),
    SERVER_TIME("server-time"),
    SETNAME("setname"),
    USERHOST_IN_NAMES("userhost-in-names");

    private final String token;

    Capability(String token) {
        this.token = token;
    }

    String token() {
        return token;
    }

    static Optional<Capability> of(String token) {
        for (Capability capability : values()) {
            if (capability.token.equals(token)) {
                return Optional.of(capability);
            }
        }
        return Optional.empty();
    }
}
