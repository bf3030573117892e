package org.svcshare.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.Command;
import org.svcshare.turn.PeerMessage;

/// The wire of generation 1, written a second time so that a mistake in the real codec cannot hide
/// itself: what an [OldBot] reads and writes, and the messages that bots of ours think in.
final class OldWire {
    private static final char QUOTE = '\u0001';

    private OldWire() {}

    /// The line an old bot would get; new messages become an SSMSG, which it only logs.
    static String write(PeerMessage message) {
        String body =
                switch (message) {
                    case PeerMessage.Announce(String argument) -> with("SS_ANNOUNCE", argument);
                    case PeerMessage.Ack(String argument) -> with("SS_ACK", argument);
                    case PeerMessage.StartElection() -> "SS_STARTELECTION";
                    case PeerMessage.QueueSize(double mb) ->
                            "SS_QUEUESIZE " + String.format(Locale.ROOT, "%f", mb);
                    case PeerMessage.ConnStat() -> "SS_CONNSTAT";
                    // As it comes, even where that kills: the simulator wants to know.
                    case PeerMessage.ConnUpdate(String owner, int connections) ->
                            "SS_CONNUPDATE " + (owner.isEmpty() ? "" : owner + " ") + connections;
                    case PeerMessage.LegacyYield() -> "SS_YIELD";
                    case PeerMessage.Hello _ -> "SSMSG 2 1 {}";
                    case PeerMessage.Call _ -> "SSMSG 2 2 {}";
                    case PeerMessage.Vote _ -> "SSMSG 2 3 {}";
                    case PeerMessage.Result _ -> "SSMSG 2 4 {}";
                    case PeerMessage.Yield _ -> "SSMSG 2 5 {}";
                    case PeerMessage.Released _ -> "SSMSG 2 6 {}";
                    case PeerMessage.Bye _ -> "SSMSG 2 7 {}";
                };
        return QUOTE + body + QUOTE;
    }

    private static String with(String verb, String argument) {
        return argument.isEmpty() ? verb : verb + " " + argument;
    }

    /// What a line of an old bot says to a bot of ours; nothing where it is text for people.
    static List<PeerMessage> read(String line) {
        var messages = new ArrayList<PeerMessage>();
        String[] parts = line.split(String.valueOf(QUOTE), -1);
        for (int i = 1; i < parts.length - 1; i += 2) {
            PeerMessage message = readBody(parts[i]);
            if (message != null) {
                messages.add(message);
            }
        }
        return messages;
    }

    private static @Nullable PeerMessage readBody(String body) {
        int blank = body.indexOf(' ');
        String verb = blank < 0 ? body : body.substring(0, blank);
        String argument = blank < 0 ? "" : body.substring(blank + 1);
        return switch (verb) {
            case "SS_ANNOUNCE" -> new PeerMessage.Announce(argument);
            case "SS_ACK" -> new PeerMessage.Ack(argument);
            case "SS_STARTELECTION" -> new PeerMessage.StartElection();
            case "SS_QUEUESIZE" -> new PeerMessage.QueueSize(PythonNumbers.floatOrZero(argument));
            case "SS_CONNSTAT" -> new PeerMessage.ConnStat();
            case "SS_CONNUPDATE" -> {
                String[] words = argument.split(" ", -1);
                Long count = PythonNumbers.wholeOrNull(words[words.length - 1]);
                yield count == null || words.length > 2
                        ? null
                        : new PeerMessage.ConnUpdate(
                                words.length == 2 ? words[0] : "",
                                Math.clamp(count, 0, Integer.MAX_VALUE));
            }
            case "SS_YIELD" -> new PeerMessage.LegacyYield();
            default -> null;
        };
    }

    /// A command as people type it to an old bot; empty for commands it does not know.
    static String words(Command command) {
        return switch (command) {
            case Command.Status _ -> "status";
            case Command.Version() -> "version";
            case Command.Election() -> "election";
            case Command.Enqueue(List<String> ids) -> "enqueue " + String.join(" ", ids);
            case Command.Force(long mb) -> "force " + mb;
            case Command.Halt(var length) ->
                    length.isZero() ? "halt" : "halt " + Math.max(1, length.toMinutes());
            case Command.Unhalt() -> "unhalt";
            case Command.Pause() -> "pause";
            case Command.Nick(String nick) -> "nick " + nick;
            case Command.Why _,
                    Command.Who _,
                    Command.Queue _,
                    Command.Next _,
                    Command.History _,
                    Command.Pools _,
                    Command.Group _,
                    Command.Replicas _ ->
                    "";
        };
    }
}
