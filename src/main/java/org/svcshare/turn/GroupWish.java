package org.svcshare.turn;

/// What somebody in the channel wants of the group that this bot is a member of.
public sealed interface GroupWish {

    /// Who is in it.
    record Members() implements GroupWish {}

    /// What a key is set to.
    record Get(String key) implements GroupWish {}

    /// @param value one line
    record Put(String key, String value) implements GroupWish {}
}
