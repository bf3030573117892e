package org.svcshare.gossip;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.svcshare.channel.CommandParser;
import org.svcshare.channel.CommandWord;
import org.svcshare.channel.IrcText;
import org.svcshare.channel.Permissions;
import org.svcshare.channel.Spoken;
import org.svcshare.turn.Asker;
import org.svcshare.turn.Casemapping;
import org.svcshare.turn.Command;
import org.svcshare.turn.TurnEvent;

/// What people tell a bot through the group: command lines as in a chat, each answered with what
/// the bot says to them.
///
/// Whoever may put a question to the group has shown a token for it to the svcshare where it was
/// put, and is an operator here; an operator of the bot's own svcshare is its owner. That is all
/// that `commands.allow` can tell them apart by: a mask is `operator!operator@MEMBER`.
///
/// One asker's lines are taken one after the other, since nothing else tells which words answer
/// which line. Not thread-safe; the channel's loop owns it.
final class Orders {
    /// An asker's name begins with this; the member where it asks follows.
    static final String OPERATOR = "operator@";

    private static final int MAX_LINE_CHARS = 400;
    private static final int MAX_ASKERS = 64;
    private static final int MAX_WAITING = 8;
    private static final int MAX_ANSWER_BYTES = 4_000;

    /// Nothing has been said for so long: that was all.
    private static final long QUIET_NANOS = Duration.ofMillis(250).toNanos();

    /// For the first word; some commands wait for the client program.
    private static final long PATIENCE_NANOS = Duration.ofSeconds(4).toNanos();

    private final Permissions permissions;
    private final LongSupplier nanos;
    private final Consumer<TurnEvent> events;
    private final Map<String, Open> open = new HashMap<>();

    /// A command, and where its answer goes.
    private record Line(Command command, Consumer<String> answer) {}

    /// One asker's line that is being answered, and those behind it.
    private static final class Open {
        private final Deque<Line> waiting = new ArrayDeque<>();
        private final StringBuilder said = new StringBuilder();
        private int saidBytes;
        private @Nullable Consumer<String> answer;
        private long until;
    }

    Orders(Permissions permissions, LongSupplier nanos, Consumer<TurnEvent> events) {
        this.permissions = permissions;
        this.nanos = nanos;
        this.events = events;
    }

    /// Somebody asks.
    ///
    /// @param ownName what this bot is called
    /// @param from the member where it was asked
    /// @param answer called once at most; never for what is for another bot
    void asked(String text, String ownName, String from, boolean joined, Consumer<String> answer) {
        if (text.length() > MAX_LINE_CHARS) {
            answer.accept("That is too long for a command.");
            return;
        }
        String line = IrcText.oneLine(text).strip();
        String asker = OPERATOR + from;
        boolean home = from.equals(ownName);
        Spoken named = CommandParser.parse(line, false, ownName, Casemapping.ASCII);
        if (named instanceof Spoken.NotForUs && isForAnother(line)) {
            return;
        }
        Spoken spoken =
                named instanceof Spoken.NotForUs
                        ? CommandParser.parse(line, true, ownName, Casemapping.ASCII)
                        : named;
        switch (spoken) {
            case Spoken.NotForUs() -> {}
            case Spoken.Unknown(String word) -> answer.accept(unknown(word));
            case Spoken.Unusable(_, String why) -> answer.accept(why);
            case Spoken.Help(String topic) -> answer.accept(help(topic));
            case Spoken.WhoAmI() -> answer.accept(whoAmI(person(from, home)));
            case Spoken.Order(CommandWord word, Command command) -> {
                if (!permissions.allows(person(from, home), word, Casemapping.EXACT)) {
                    answer.accept("You may not give the command " + word.word() + ".");
                } else if (command instanceof Command.Nick) {
                    answer.accept("A member keeps its name while it runs; it is a setting.");
                } else if (!joined) {
                    answer.accept("Not in the group.");
                } else {
                    take(asker, new Line(command, answer));
                }
            }
        }
    }

    private void take(String asker, Line line) {
        Open one = open.get(asker);
        if (one == null && open.size() < MAX_ASKERS) {
            one = new Open();
            open.put(asker, one);
        }
        if (one == null || one.waiting.size() >= MAX_WAITING) {
            line.answer().accept("Too many ask at once; not done.");
        } else if (one.answer == null) {
            begin(asker, one, line);
        } else {
            one.waiting.add(line);
        }
    }

    private void begin(String asker, Open one, Line line) {
        one.answer = line.answer();
        one.said.setLength(0);
        one.saidBytes = 0;
        one.until = nanos.getAsLong() + PATIENCE_NANOS;
        events.accept(new TurnEvent.Asked(new Asker(asker, true), line.command()));
    }

    /// The bot says something to somebody.
    ///
    /// @return whether that was an answer to somebody who waits for one
    boolean said(String to, String text) {
        Open one = open.get(to);
        if (one == null || one.answer == null) {
            return false;
        }
        one.saidBytes += IrcText.bytes(text) + 1;
        if (one.saidBytes <= MAX_ANSWER_BYTES) {
            one.said.append(one.said.isEmpty() ? "" : "\n").append(text);
        }
        one.until = nanos.getAsLong() + QUIET_NANOS;
        return true;
    }

    /// When [#onTime] has something to do; [Long#MAX_VALUE] for never.
    long dueNanos() {
        long due = Long.MAX_VALUE;
        for (Open one : open.values()) {
            due = Math.min(due, one.until);
        }
        return due;
    }

    void onTime() {
        long now = nanos.getAsLong();
        for (Iterator<Map.Entry<String, Open>> all = open.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<String, Open> entry = all.next();
            Open one = entry.getValue();
            if (one.until > now) {
                continue;
            }
            end(one);
            Line next = one.waiting.poll();
            if (next == null) {
                all.remove();
            } else {
                begin(entry.getKey(), one, next);
            }
        }
    }

    private static void end(Open one) {
        Consumer<String> answer = one.answer;
        one.answer = null;
        if (answer != null) {
            answer.accept(one.said.isEmpty() ? "Nothing to say to that yet." : one.said.toString());
        }
    }

    /// `name: halt` or `name, halt`, for whoever has that name.
    private static boolean isForAnother(String line) {
        int blank = line.indexOf(' ');
        String first = blank < 0 ? line : line.substring(0, blank);
        return first.length() > 1 && (first.endsWith(":") || first.endsWith(","));
    }

    private static Permissions.Person person(String from, boolean home) {
        return new Permissions.Person(
                OPERATOR + from, "operator!" + OPERATOR + from, null, true, true, home);
    }

    private static String unknown(String word) {
        String hint =
                CommandWord.near(word)
                        .map(near -> "did you mean \"" + near.word() + "\"?")
                        .orElse("\"help\" lists the commands.");
        return "I do not know that command; " + hint;
    }

    private static String help(String topic) {
        return CommandWord.of(topic).map(CommandWord::usage).orElseGet(CommandWord::list);
    }

    private String whoAmI(Permissions.Person person) {
        String may =
                Arrays.stream(CommandWord.values())
                        .filter(word -> permissions.allows(person, word, Casemapping.EXACT))
                        .map(CommandWord::word)
                        .collect(Collectors.joining(", "));
        return "You are "
                + person.nick()
                + (person.home() ? ", my owner" : "")
                + ", operator. You may: "
                + (may.isEmpty() ? "nothing" : may)
                + ".";
    }
}
