package org.svcshare.turn;

import java.time.Instant;
import java.util.List;

/// What became of a [GroupWish]. Names, keys and values are others' words, of any characters.
public sealed interface GroupNews {

    enum State {
        THERE,
        /// Said goodbye.
        LEFT,
        /// Is not heard of any more.
        FAILED
    }

    /// @param since when it came to be in this state
    /// @param self whether it is this bot
    record Row(String name, State state, Instant since, boolean self) {}

    /// @param trouble what is wrong with the group, in a few words; empty when nothing is
    record Members(List<Row> rows, String trouble) implements GroupNews {}

    /// @param text what the key is set to, as far as it is text
    /// @param legible whether all of it is
    record Found(String key, String text, boolean legible, int sizeBytes) implements GroupNews {}

    record Missing(String key) implements GroupNews {}

    /// @param fresh whether there was none of this name
    record Set(String key, boolean fresh) implements GroupNews {}

    /// This bot is in no group.
    record NoGroup() implements GroupNews {}

    /// Nothing was done.
    ///
    /// @param why a sentence without its end
    record NotDone(String key, String why) implements GroupNews {}
}
