package org.svcshare.gossip;

import java.util.regex.Pattern;
import org.svcshare.store.StoreMessage;
import org.svcshare.store.Value;

/// What goes from one member to another, or to all.
sealed interface Frame {
    int MAX_PAYLOAD_BYTES = 16 * 1024;
    int MAX_TALK_BYTES = 1_000;

    /// What an event or a question may be called.
    Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}");

    /// About the shared store.
    record OfStore(StoreMessage message) implements Frame {}

    /// A line of those who take turns.
    ///
    /// @param direct whether it is for the receiver alone
    record Talk(String text, boolean direct) implements Frame {}

    /// Something called out to all.
    record Call(String name, Value payload) implements Frame {}

    /// @param question the asker's number for it
    record Ask(long question, String name, Value payload) implements Frame {}

    record Answer(long question, Value payload) implements Frame {}

    /// A member that is gone shall be forgotten.
    ///
    /// @param id its id
    record Forget(String id) implements Frame {}

    /// The sender leaves on purpose.
    record Bye() implements Frame {}

    /// The answer to it: now go.
    record Farewell() implements Frame {}

    /// You speak to me as one of your group, and I do not see you in mine.
    record Apart() implements Frame {}
}
