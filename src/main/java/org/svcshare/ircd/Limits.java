package org.svcshare.ircd;

/// The bounds that ISUPPORT announces and the server keeps; lengths are in bytes.
final class Limits {
    static final int NICK = 30;
    static final int USER = 20;
    static final int REAL_NAME = 150;
    static final int CHANNEL_NAME = 64;
    static final int TOPIC = 390;
    static final int AWAY = 200;
    static final int KICK = 300;
    static final int KEY = 23;
    static final int MASK = 100;

    /// Channels of one client.
    static final int CHANNELS = 50;

    /// Targets of one PRIVMSG, NOTICE, TAGMSG, KICK, NAMES, WHOIS or WHOWAS.
    static final int TARGETS = 4;

    /// Mode changes with a parameter in one MODE.
    static final int MODES = 6;

    /// Entries in each of a channel's lists.
    static final int LIST_ENTRIES = 60;

    static final int MONITORED = 100;

    /// Channels that somebody was invited to and has not joined.
    static final int INVITATIONS = 20;

    /// Rows of one LIST or WHO, so that an answer fits the send queue.
    static final int ROWS = 1000;

    /// Renames and leavings that WHOWAS remembers.
    static final int WHOWAS = 100;

    static final int LABEL = 64;
    static final int SASL_ATTEMPTS = 3;

    /// One SASL message, decoded or not.
    static final int SASL_MESSAGE = 1200;

    private Limits() {}
}
