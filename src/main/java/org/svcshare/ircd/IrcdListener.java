package org.svcshare.ircd;

/// Told what happens in channels, in order, by the server's own thread: must return at once.
///
/// Private messages are not told.
public interface IrcdListener {
    /// Listens to nothing.
    IrcdListener NOBODY = new IrcdListener() {};

    /// @param text as sent, so a CTCP (also `/me`) still stands between its 0x01 bytes
    default void said(String channel, String nick, String text) {}

    default void noticed(String channel, String nick, String text) {}

    default void joined(String channel, String nick) {}

    /// Somebody left a channel: by PART, KICK or the end of the connection.
    ///
    /// @param why for people; may be empty
    default void left(String channel, String nick, String why) {}

    default void renamed(String nick, String newNick) {}

    default void topicChanged(String channel, String nick, String topic) {}
}
