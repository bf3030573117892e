package org.svcshare.channel;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// The words people can say to a bot: the one table for parsing, help and permissions.
public enum CommandWord {
    STATUS("status", "status: queue, connections, force and halt of this bot"),
    VERSION("version", "version: which program this is"),
    ELECTION(
            "election",
            "election (or resume, continue): ask the group for the turn",
            "resume",
            "continue"),
    ENQUEUE(
            "enqueue",
            "enqueue <id> ... (or enq): put items into the client's queue; for the owner",
            "enq"),
    FORCE(
            "force",
            "force [size]: take the turn now and keep it for that much, in MB or like 500mb, 1.5g;"
                    + " without a size others may take over again"),
    HALT(
            "halt",
            "halt [time]: stay out of it, in minutes or like 90m, 2h; without a time until unhalt"),
    UNHALT("unhalt", "unhalt: end a halt"),
    PAUSE("pause", "pause: close the gate and pause the client; the next election may resume it"),
    NICK("nick", "nick <new nick>: rename this bot"),
    WHY("why", "why: the last decision, and the figures behind it"),
    WHO(
            "who",
            "who: the bots of the group and what they do; who <pool>: who has a lock, and who waits"),
    QUEUE("queue", "queue: what the client has left to do"),
    NEXT("next", "next [cancel]: ask for the turn after the present one, or take that back"),
    HISTORY("history", "history [n]: the last events, 1 to 20, otherwise 5"),
    POOLS("pools", "pools: the locks there are for what has no gate, such as a test bench"),
    LOCK(
            "lock",
            "lock <pool> [time] [reason]: have it for 30 minutes or so long, or wait in line; again:"
                    + " for longer"),
    UNLOCK("unlock", "unlock <pool>: give it back, or do not wait any more"),
    UNLOCK_OTHERS(
            "unlock-others",
            "unlock-others <pool> <name> (or unlock): take it away from somebody; for operators and"
                    + " the owner"),
    MEMBERS("members", "members: who is in the group that shares a store, and who is missing"),
    KV("kv", "kv get <key>: what a key of the group's store is set to"),
    KV_PUT("kv-put", "kv-put <key> <value> (or kv put): set a key of the group's store"),
    NODES("nodes", "nodes: the copies of the service behind the proxy, and how far they are"),
    MAINTENANCE(
            "maintenance",
            "maintenance <node> on|off: leave a copy of the service alone, its writes are kept; for"
                    + " operators and the owner"),
    HELP("help", "help [command]: this"),
    WHOAMI("whoami", "whoami: whom this bot takes you for, and what you may do");

    private final String word;
    private final String usage;

    /// Other words for it, separated by blanks.
    private final String aliases;

    CommandWord(String word, String usage, String... aliases) {
        this.word = word;
        this.usage = usage;
        this.aliases = String.join(" ", aliases);
    }

    /// As people say it and as it stands in `commands.allow`.
    public String word() {
        return word;
    }

    public String usage() {
        return usage;
    }

    /// All of them, in a line.
    public static String list() {
        return "Commands: "
                + Arrays.stream(values()).map(CommandWord::word).collect(Collectors.joining(", "))
                + ". \"help <command>\" says more.";
    }

    private List<String> aliases() {
        return List.of(aliases.split(" "));
    }

    public static Optional<CommandWord> of(String said) {
        String word = said.toLowerCase(Locale.ROOT);
        return Arrays.stream(values())
                .filter(known -> known.word.equals(word) || known.aliases().contains(word))
                .findFirst();
    }

    /// The word that was probably meant: at most two letters away, and less than half of it.
    public static Optional<CommandWord> near(String said) {
        String word = said.toLowerCase(Locale.ROOT);
        if (word.length() < 3 || word.length() > 12) {
            return Optional.empty();
        }
        CommandWord best = null;
        int least = word.length() < 5 ? 2 : 3;
        for (CommandWord known : values()) {
            int distance = distance(word, known.word);
            for (String alias : known.aliases()) {
                distance = Math.min(distance, distance(word, alias));
            }
            if (distance < least) {
                best = known;
                least = distance;
            }
        }
        return Optional.ofNullable(best);
    }

    /// Levenshtein's distance.
    private static int distance(String one, String other) {
        int[] above = new int[other.length() + 1];
        Arrays.setAll(above, i -> i);
        for (int i = 1; i <= one.length(); i++) {
            int[] row = new int[other.length() + 1];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int change = one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j - 1], above[j]) + 1, above[j - 1] + change);
            }
            above = row;
        }
        return above[other.length()];
    }
}
