package org.svcshare.irc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.svcshare.channel.CommandParser;
import org.svcshare.channel.CommandWord;
import org.svcshare.channel.IrcText;
import org.svcshare.channel.Spoken;
import org.svcshare.turn.Casemapping;
import org.svcshare.turn.Command;

/// Whatever the server or a person sends: lines and commands are taken apart without an exception,
/// and what comes out is within its bounds.
class CommandParserFuzz {
    @FuzzTest(maxDuration = "30s")
    void anyWords(byte[] bytes) {
        String text = new String(bytes, UTF_8);
        IrcLine line = IrcLine.parse(text);
        if (line != null) {
            look(CommandParser.parse(line.last(), false, "anna", Casemapping.RFC1459));
        }
        look(CommandParser.parse(text, true, "anna", Casemapping.ASCII));
        look(CommandParser.parse("anna: " + text, false, "anna", Casemapping.RFC1459));
        for (CommandWord word : CommandWord.values()) {
            look(CommandParser.parse(word.word() + " " + text, true, "x", Casemapping.ASCII));
        }
        String clean = IrcText.oneLine(IrcText.unformatted(text));
        for (String piece : IrcText.split(clean, 40)) {
            assertTrue(IrcText.bytes(piece) <= 40, piece);
        }
    }

    private static void look(Spoken spoken) {
        if (!(spoken instanceof Spoken.Order(_, Command command))) {
            return;
        }
        switch (command) {
            case Command.Force(long megabytes) -> assertTrue(megabytes >= 0);
            case Command.Halt(var length) -> assertFalse(length.isNegative());
            case Command.Nick(String nick) -> assertTrue(IrcText.isNick(nick));
            case Command.Enqueue(var ids) -> assertFalse(ids.isEmpty());
            case Command.History(int entries) -> assertTrue(entries >= 1 && entries <= 20);
            default -> {}
        }
    }
}
