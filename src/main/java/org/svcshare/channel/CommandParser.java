package org.svcshare.channel;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.Casemapping;
import org.svcshare.turn.Command;
import org.svcshare.turn.GroupWish;
import org.svcshare.turn.PoolWish;
import org.svcshare.turn.ReplicaWish;

/// Makes commands of what people say. Pure; never throws, whatever is said.
///
/// In the channel `<nick>: command` or `<nick>, command`, and exactly `.status` and `.version`;
/// privately the plain command. Plain numbers mean what they always meant: MB for `force`, minutes
/// for `halt`.
public final class CommandParser {
    private static final int MAX_IDS = 20;
    private static final int MAX_ID_CHARS = 200;
    private static final long MAX_FORCE_MB = 1_000_000_000_000L;
    private static final Duration MAX_HALT = Duration.ofDays(3650);
    private static final Duration LOCK_LENGTH = Duration.ofMinutes(30);
    private static final Duration MAX_LOCK = Duration.ofDays(7);
    private static final int MAX_POOL_CHARS = 60;
    private static final int MAX_REASON_CHARS = 100;
    private static final int MAX_KEY_CHARS = 200;
    private static final int MAX_VALUE_CHARS = 400;
    private static final int HISTORY_ENTRIES = 5;
    private static final int MAX_HISTORY_ENTRIES = 20;

    /// MB is 1024 * 1024 bytes, and so on.
    private static final Pattern SIZE =
            Pattern.compile("(\\d{1,15}(?:[.,]\\d{1,6})?)(?:\\s?([kmgt])(?:i?b)?)?");

    private static final Pattern NODE = Pattern.compile("[A-Za-z0-9._:%\\[\\]-]{1,270}");
    private static final Pattern TIME = Pattern.compile("(?:\\d{1,9}(?:s|m|min|h|d))+");
    private static final Pattern TIME_PART = Pattern.compile("(\\d{1,9})(s|min|m|h|d)");

    private CommandParser() {}

    /// @param direct whether it was said privately
    /// @param ownNick what people call us by just now
    public static Spoken parse(
            String text, boolean direct, String ownNick, Casemapping casemapping) {
        if (direct) {
            return command(text.strip());
        }
        if (text.equals(".status")) {
            return new Spoken.Order(CommandWord.STATUS, new Command.Status(true));
        }
        if (text.equals(".version")) {
            return new Spoken.Order(CommandWord.VERSION, new Command.Version());
        }
        int length = ownNick.length();
        boolean called =
                text.length() > length
                        && !ownNick.isEmpty()
                        && (text.charAt(length) == ':' || text.charAt(length) == ',')
                        && casemapping.same(text.substring(0, length), ownNick);
        return called ? command(text.substring(length + 1).strip()) : new Spoken.NotForUs();
    }

    private static Spoken command(String said) {
        if (said.isEmpty()) {
            return new Spoken.NotForUs();
        }
        String[] words = said.split("\\s+");
        List<String> rest = Arrays.asList(words).subList(1, words.length);
        return CommandWord.of(words[0])
                .map(word -> command(word, rest))
                .orElseGet(() -> new Spoken.Unknown(words[0]));
    }

    private static Spoken command(CommandWord word, List<String> rest) {
        return switch (word) {
            case STATUS -> new Spoken.Order(word, new Command.Status(false));
            case VERSION -> new Spoken.Order(word, new Command.Version());
            case ELECTION -> new Spoken.Order(word, new Command.Election());
            case ENQUEUE -> enqueue(rest);
            case FORCE -> force(rest);
            case HALT -> halt(rest);
            case UNHALT -> new Spoken.Order(word, new Command.Unhalt());
            case PAUSE -> new Spoken.Order(word, new Command.Pause());
            case NICK -> nick(rest);
            case WHY -> new Spoken.Order(word, new Command.Why());
            case WHO -> who(rest);
            case QUEUE -> new Spoken.Order(word, new Command.Queue());
            case NEXT -> next(rest);
            case HISTORY -> history(rest);
            case POOLS -> new Spoken.Order(word, new Command.Pools(new PoolWish.All()));
            case LOCK -> lock(rest);
            case UNLOCK, UNLOCK_OTHERS -> unlock(word, rest);
            case MEMBERS -> new Spoken.Order(word, new Command.Group(new GroupWish.Members()));
            case KV -> kv(rest);
            case KV_PUT -> kvPut(rest);
            case NODES -> new Spoken.Order(word, new Command.Replicas(new ReplicaWish.Nodes()));
            case MAINTENANCE -> maintenance(rest);
            case HELP -> new Spoken.Help(rest.isEmpty() ? "" : rest.getFirst());
            case WHOAMI -> new Spoken.WhoAmI();
        };
    }

    private static Spoken enqueue(List<String> ids) {
        if (ids.isEmpty()) {
            return usage(CommandWord.ENQUEUE);
        }
        if (ids.size() > MAX_IDS || ids.stream().anyMatch(id -> id.length() > MAX_ID_CHARS)) {
            return new Spoken.Unusable(
                    CommandWord.ENQUEUE, "At most " + MAX_IDS + " items at once.");
        }
        return new Spoken.Order(CommandWord.ENQUEUE, new Command.Enqueue(List.copyOf(ids)));
    }

    private static Spoken force(List<String> rest) {
        if (rest.isEmpty()) {
            return new Spoken.Order(CommandWord.FORCE, new Command.Force(0));
        }
        String said = String.join(" ", rest);
        OptionalLong size = megabytes(said);
        if (size.isEmpty()) {
            return new Spoken.Unusable(
                    CommandWord.FORCE,
                    "\"" + shown(said) + "\" is no size: say 500 (MB), 500mb or 1.5g. Not done.");
        }
        return new Spoken.Order(CommandWord.FORCE, new Command.Force(size.getAsLong()));
    }

    private static Spoken halt(List<String> rest) {
        if (rest.isEmpty()) {
            return new Spoken.Order(CommandWord.HALT, new Command.Halt(Duration.ZERO));
        }
        String said = String.join("", rest);
        // Two numbers in a row would otherwise become one big one.
        boolean numbers = String.join(" ", rest).matches(".*\\d \\d.*");
        Duration length = numbers ? null : time(said.toLowerCase(Locale.ROOT));
        if (length == null || length.compareTo(MAX_HALT) > 0) {
            return new Spoken.Unusable(
                    CommandWord.HALT,
                    "\""
                            + shown(String.join(" ", rest))
                            + "\" is no time: say 90 (minutes), 90m or 2h. Not halted.");
        }
        return new Spoken.Order(CommandWord.HALT, new Command.Halt(length));
    }

    private static Spoken nick(List<String> rest) {
        if (rest.size() != 1) {
            return usage(CommandWord.NICK);
        }
        String nick = rest.getFirst();
        if (!IrcText.isNick(nick)) {
            return new Spoken.Unusable(
                    CommandWord.NICK, "\"" + shown(nick) + "\" cannot be a nick.");
        }
        return new Spoken.Order(CommandWord.NICK, new Command.Nick(nick));
    }

    private static Spoken next(List<String> rest) {
        if (rest.isEmpty()) {
            return new Spoken.Order(CommandWord.NEXT, new Command.Next(false));
        }
        return rest.size() == 1 && rest.getFirst().equalsIgnoreCase("cancel")
                ? new Spoken.Order(CommandWord.NEXT, new Command.Next(true))
                : usage(CommandWord.NEXT);
    }

    private static Spoken history(List<String> rest) {
        if (rest.isEmpty()) {
            return new Spoken.Order(CommandWord.HISTORY, new Command.History(HISTORY_ENTRIES));
        }
        if (rest.size() > 1 || !rest.getFirst().matches("\\d{1,6}")) {
            return usage(CommandWord.HISTORY);
        }
        int entries = Integer.parseInt(rest.getFirst());
        return entries < 1 || entries > MAX_HISTORY_ENTRIES
                ? usage(CommandWord.HISTORY)
                : new Spoken.Order(CommandWord.HISTORY, new Command.History(entries));
    }

    private static Spoken who(List<String> rest) {
        if (rest.isEmpty()) {
            return new Spoken.Order(CommandWord.WHO, new Command.Who());
        }
        return rest.size() == 1 && isPool(rest.getFirst())
                ? new Spoken.Order(
                        CommandWord.WHO, new Command.Pools(new PoolWish.Look(rest.getFirst())))
                : usage(CommandWord.WHO);
    }

    private static boolean isPool(String name) {
        return name.length() <= MAX_POOL_CHARS && IrcText.oneLine(name).equals(name);
    }

    private static Spoken lock(List<String> rest) {
        if (rest.isEmpty() || !isPool(rest.getFirst())) {
            return usage(CommandWord.LOCK);
        }
        Duration length = rest.size() > 1 ? time(rest.get(1).toLowerCase(Locale.ROOT)) : null;
        if (length != null && (length.isZero() || length.compareTo(MAX_LOCK) > 0)) {
            return new Spoken.Unusable(
                    CommandWord.LOCK, "At least a second and at most 7d. Not locked.");
        }
        String reason = String.join(" ", rest.subList(length == null ? 1 : 2, rest.size()));
        String line = IrcText.oneLine(IrcText.unformatted(reason));
        return new Spoken.Order(
                CommandWord.LOCK,
                new Command.Pools(
                        new PoolWish.Take(
                                rest.getFirst(),
                                length == null ? LOCK_LENGTH : length,
                                line.substring(0, Math.min(line.length(), MAX_REASON_CHARS)))));
    }

    private static Spoken unlock(CommandWord word, List<String> rest) {
        if (rest.isEmpty() || rest.size() > 2 || !isPool(rest.getFirst())) {
            return usage(word);
        }
        if (rest.size() == 2) {
            return new Spoken.Order(
                    CommandWord.UNLOCK_OTHERS,
                    new Command.Pools(new PoolWish.TakeAway(rest.getFirst(), rest.get(1))));
        }
        return word == CommandWord.UNLOCK
                ? new Spoken.Order(word, new Command.Pools(new PoolWish.GiveBack(rest.getFirst())))
                : usage(word);
    }

    private static Spoken kv(List<String> rest) {
        String what = rest.isEmpty() ? "" : rest.getFirst().toLowerCase(Locale.ROOT);
        if (what.equals("put")) {
            return kvPut(rest.subList(1, rest.size()));
        }
        return what.equals("get") && rest.size() == 2 && isKey(rest.get(1))
                ? new Spoken.Order(
                        CommandWord.KV, new Command.Group(new GroupWish.Get(rest.get(1))))
                : usage(CommandWord.KV);
    }

    /// The value is what stands behind the key, with one blank between its words.
    private static Spoken kvPut(List<String> rest) {
        if (rest.size() < 2 || !isKey(rest.getFirst())) {
            return usage(CommandWord.KV_PUT);
        }
        String value = IrcText.oneLine(String.join(" ", rest.subList(1, rest.size())));
        return value.length() > MAX_VALUE_CHARS
                ? new Spoken.Unusable(
                        CommandWord.KV_PUT,
                        "At most " + MAX_VALUE_CHARS + " characters here. Not done.")
                : new Spoken.Order(
                        CommandWord.KV_PUT,
                        new Command.Group(new GroupWish.Put(rest.getFirst(), value)));
    }

    private static boolean isKey(String name) {
        return name.length() <= MAX_KEY_CHARS && IrcText.oneLine(name).equals(name);
    }

    private static Spoken maintenance(List<String> rest) {
        String state = rest.size() == 2 ? rest.get(1).toLowerCase(Locale.ROOT) : "";
        return (state.equals("on") || state.equals("off")) && isNode(rest.getFirst())
                ? new Spoken.Order(
                        CommandWord.MAINTENANCE,
                        new Command.Replicas(
                                new ReplicaWish.Maintenance(rest.getFirst(), state.equals("on"))))
                : usage(CommandWord.MAINTENANCE);
    }

    /// Which one is meant is found out later.
    private static boolean isNode(String name) {
        return NODE.matcher(name).matches();
    }

    /// Whole MB, a broken part counting as one more: half a MB must not become none.
    private static OptionalLong megabytes(String said) {
        Matcher matcher = SIZE.matcher(said.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            return OptionalLong.empty();
        }
        BigDecimal number = new BigDecimal(matcher.group(1).replace(',', '.'));
        BigDecimal kilo = BigDecimal.valueOf(1024);
        BigDecimal size =
                switch (matcher.group(2)) {
                    case null -> number;
                    case "k" -> number.divide(kilo);
                    case "g" -> number.multiply(kilo);
                    case "t" -> number.multiply(kilo).multiply(kilo);
                    default -> number;
                };
        return size.compareTo(BigDecimal.valueOf(MAX_FORCE_MB)) > 0
                ? OptionalLong.empty()
                : OptionalLong.of(size.setScale(0, RoundingMode.CEILING).longValue());
    }

    private static @Nullable Duration time(String said) {
        if (said.matches("\\d{1,9}")) {
            return Duration.ofMinutes(Long.parseLong(said));
        }
        if (said.length() > 60 || !TIME.matcher(said).matches()) {
            return null;
        }
        Duration sum = Duration.ZERO;
        Matcher part = TIME_PART.matcher(said);
        while (part.find()) {
            long number = Long.parseLong(part.group(1));
            sum =
                    sum.plus(
                            switch (part.group(2)) {
                                case "s" -> Duration.ofSeconds(number);
                                case "h" -> Duration.ofHours(number);
                                case "d" -> Duration.ofDays(number);
                                default -> Duration.ofMinutes(number);
                            });
        }
        return sum;
    }

    private static Spoken usage(CommandWord word) {
        return new Spoken.Unusable(word, "Usage: " + word.usage());
    }

    private static String shown(String said) {
        return said.length() > 40 ? said.substring(0, 40) + "…" : said;
    }
}
