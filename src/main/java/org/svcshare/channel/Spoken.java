package org.svcshare.channel;

import org.svcshare.turn.Command;

/// What somebody's words were to this bot.
public sealed interface Spoken {

    /// Not said to us, or nothing said.
    record NotForUs() implements Spoken {}

    record Order(CommandWord word, Command command) implements Spoken {}

    /// @param topic a command word, or empty for all of them
    record Help(String topic) implements Spoken {}

    record WhoAmI() implements Spoken {}

    /// A command we know with an argument that makes no sense.
    ///
    /// @param answer what to tell the asker
    record Unusable(CommandWord word, String answer) implements Spoken {}

    record Unknown(String word) implements Spoken {}
}
