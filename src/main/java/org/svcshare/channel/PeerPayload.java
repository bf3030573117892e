package org.svcshare.channel;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.PeerMessage;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The JSON of generation 2: one object, at most 350 bytes, one-letter members.
final class PeerPayload {
    static final int MAX_BYTES = 350;

    private static final int HELLO = 1;
    private static final int CALL = 2;
    private static final int VOTE = 3;
    private static final int RESULT = 4;
    private static final int YIELD = 5;
    private static final int RELEASED = 6;
    private static final int BYE = 7;

    /// No group will own more than an exabyte or wait longer than thirty years.
    private static final double MAX_MB = 1e12;

    private static final long MAX_WAITED_SECONDS = 1_000_000_000L;
    private static final long MAX_TURN = 1_000_000_000_000_000L;
    private static final int MAX_CONNECTIONS = 1_000_000;
    private static final int MAX_GENERATION = 1_000;
    private static final int MAX_REASON_BYTES = 120;
    private static final int MAX_WORD_BYTES = 64;
    private static final String HEARS_TAGS = "m";
    private static final Pattern BOOT_ID = Pattern.compile("[0-9A-Za-z]{1,32}");
    private static final Pattern ELECTION = Pattern.compile("[0-9A-Za-z:._-]{1,48}");
    private static final Pattern ELECTION_OR_NONE = Pattern.compile("[0-9A-Za-z:._-]{0,48}");
    private static final Pattern POLICY = Pattern.compile("[0-9a-z-]{1,32}");

    private final JsonMapper json =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(8)
                                                    .maxNumberLength(40)
                                                    .maxStringLength(MAX_BYTES)
                                                    .maxNameLength(MAX_BYTES)
                                                    .maxDocumentLength(PeerCodec.MAX_BODY_CHARS)
                                                    .build())
                                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                                    .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
                                    .build())
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    sealed interface Read {
        /// @param hearsTags not part of the message: it is about the sender's connection
        record Good(PeerMessage message, boolean hearsTags) implements Read {}

        record Malformed(String reason) implements Read {}
    }

    /// A member that is missing, of the wrong type, or out of range.
    private static final class Unfit extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unfit(String member) {
            super("member-" + member, null, false, false);
        }
    }

    static boolean known(int type) {
        return type >= HELLO && type <= BYE;
    }

    static int type(PeerMessage message) {
        return switch (message) {
            case PeerMessage.Hello _ -> HELLO;
            case PeerMessage.Call _ -> CALL;
            case PeerMessage.Vote _ -> VOTE;
            case PeerMessage.Result _ -> RESULT;
            case PeerMessage.Yield _ -> YIELD;
            case PeerMessage.Released _ -> RELEASED;
            case PeerMessage.Bye _ -> BYE;
            case PeerMessage.Announce _,
                    PeerMessage.Ack _,
                    PeerMessage.StartElection _,
                    PeerMessage.QueueSize _,
                    PeerMessage.ConnStat _,
                    PeerMessage.ConnUpdate _,
                    PeerMessage.LegacyYield _ ->
                    throw new IllegalArgumentException("generation 1 has no payload: " + message);
        };
    }

    /// @param hearsTags whether a HELLO says that tags get to us
    /// @throws IllegalArgumentException if our own figures are ones that no peer would take
    String write(PeerMessage message, boolean hearsTags) {
        ObjectNode tree = tree(message);
        if (hearsTags && message instanceof PeerMessage.Hello) {
            tree.put(HEARS_TAGS, 1);
        }
        String payload = json.writeValueAsString(tree);
        if (payload.getBytes(UTF_8).length > MAX_BYTES) {
            throw new IllegalArgumentException("more than " + MAX_BYTES + " bytes: " + payload);
        }
        if (read(type(message), payload) instanceof Read.Malformed(String reason)) {
            throw new IllegalArgumentException(reason + ": " + payload);
        }
        return payload;
    }

    private ObjectNode tree(PeerMessage message) {
        ObjectNode tree = json.createObjectNode();
        switch (message) {
            case PeerMessage.Hello hello ->
                    tree.put("o", word(hello.owner()))
                            .put("v", word(hello.version()))
                            .put("g", hello.generation())
                            .put("b", hello.bootId())
                            .put("p", hello.policy())
                            .put("s", hello.signed());
            case PeerMessage.Call call ->
                    tree.put("e", call.election())
                            .put("k", lower(call.kind()))
                            .put("p", call.policy());
            case PeerMessage.Vote vote ->
                    tree.put("e", vote.election())
                            // Rounded up: a queue with something in it must not become empty.
                            .put("q", tenths(vote.queueMb(), RoundingMode.CEILING))
                            .put("c", vote.connections())
                            .put("w", vote.waitedSeconds())
                            .put("u", tenths(vote.usedMb(), RoundingMode.HALF_UP))
                            .put("s", lower(vote.state()))
                            .put("f", tenths(vote.forceMb(), RoundingMode.CEILING));
            case PeerMessage.Result result -> {
                tree.put("e", result.election());
                if (result.winner() != null) {
                    tree.put("w", result.winner());
                }
                tree.put("t", result.turn())
                        .put("y", PeerCodec.cut(printable(result.reason()), MAX_REASON_BYTES));
            }
            case PeerMessage.Yield(long turn) -> tree.put("t", turn);
            case PeerMessage.Released(long turn, int connections) ->
                    tree.put("t", turn).put("n", connections);
            case PeerMessage.Bye(long turn) -> tree.put("t", turn);
            default -> throw new IllegalArgumentException("no payload: " + message);
        }
        return tree;
    }

    Read read(int type, String payload) {
        JsonNode tree;
        try {
            tree = json.readTree(payload);
        } catch (JacksonException _) {
            return new Read.Malformed("not-json");
        }
        if (tree == null || !tree.isObject()) {
            return new Read.Malformed("not-an-object");
        }
        try {
            return new Read.Good(message(type, tree), type == HELLO && hearsTags(tree));
        } catch (Unfit unfit) {
            return new Read.Malformed(String.valueOf(unfit.getMessage()));
        }
    }

    private static PeerMessage message(int type, JsonNode tree) {
        return switch (type) {
            case HELLO ->
                    new PeerMessage.Hello(
                            text(tree, "o", MAX_WORD_BYTES).strip().replace(' ', '_'),
                            text(tree, "v", MAX_WORD_BYTES),
                            (int) whole(tree, "g", 2, MAX_GENERATION),
                            matching(tree, "b", BOOT_ID),
                            matching(tree, "p", POLICY),
                            flag(tree, "s"));
            case CALL ->
                    new PeerMessage.Call(
                            matching(tree, "e", ELECTION),
                            named(tree, "k", PeerMessage.CallKind.values()),
                            matching(tree, "p", POLICY));
            case VOTE ->
                    new PeerMessage.Vote(
                            matching(tree, "e", ELECTION),
                            megabytes(tree, "q"),
                            (int) whole(tree, "c", 0, MAX_CONNECTIONS),
                            whole(tree, "w", 0, MAX_WAITED_SECONDS),
                            megabytes(tree, "u"),
                            named(tree, "s", PeerMessage.VoteState.values()),
                            megabytes(tree, "f"));
            case RESULT ->
                    new PeerMessage.Result(
                            // Empty where it says which turn is known, as nobody's count.
                            matching(tree, "e", ELECTION_OR_NONE),
                            winner(tree),
                            turn(tree),
                            text(tree, "y", MAX_BYTES));
            case YIELD -> new PeerMessage.Yield(turn(tree));
            case RELEASED ->
                    new PeerMessage.Released(
                            turn(tree), (int) whole(tree, "n", 0, MAX_CONNECTIONS));
            case BYE -> new PeerMessage.Bye(turn(tree));
            default -> throw new IllegalArgumentException("type " + type);
        };
    }

    private static long turn(JsonNode tree) {
        return whole(tree, "t", 0, MAX_TURN);
    }

    private static @Nullable String winner(JsonNode tree) {
        JsonNode winner = tree.get("w");
        if (winner == null || winner.isNull()) {
            return null;
        }
        String nick = text(tree, "w", MAX_WORD_BYTES);
        if (nick.isEmpty() || nick.indexOf(' ') >= 0) {
            throw new Unfit("w");
        }
        return nick;
    }

    private static String text(JsonNode tree, String member, int maxBytes) {
        JsonNode value = tree.get(member);
        if (value == null || !value.isString()) {
            throw new Unfit(member);
        }
        String text = value.stringValue();
        if (text == null || text.getBytes(UTF_8).length > maxBytes) {
            throw new Unfit(member);
        }
        return printable(text);
    }

    private static String matching(JsonNode tree, String member, Pattern pattern) {
        String text = text(tree, member, MAX_BYTES);
        if (!pattern.matcher(text).matches()) {
            throw new Unfit(member);
        }
        return text;
    }

    private static <E extends Enum<E>> E named(JsonNode tree, String member, E[] values) {
        String text = text(tree, member, MAX_WORD_BYTES);
        for (E value : values) {
            if (lower(value).equals(text)) {
                return value;
            }
        }
        throw new Unfit(member);
    }

    private static long whole(JsonNode tree, String member, long min, long max) {
        JsonNode value = tree.get(member);
        if (value == null || !value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new Unfit(member);
        }
        long number = value.longValue();
        if (number < min || number > max) {
            throw new Unfit(member);
        }
        return number;
    }

    private static double megabytes(JsonNode tree, String member) {
        JsonNode value = tree.get(member);
        if (value == null || !value.isNumber()) {
            throw new Unfit(member);
        }
        double number = value.doubleValue();
        if (!(number >= 0 && number <= MAX_MB)) {
            throw new Unfit(member);
        }
        return number + 0.0;
    }

    private static boolean flag(JsonNode tree, String member) {
        JsonNode value = tree.get(member);
        if (value == null) {
            return false;
        }
        if (!value.isBoolean()) {
            throw new Unfit(member);
        }
        return value.booleanValue();
    }

    private static boolean hearsTags(JsonNode tree) {
        return tree.has(HEARS_TAGS) && whole(tree, HEARS_TAGS, 0, MAX_GENERATION) > 0;
    }

    private static BigDecimal tenths(double number, RoundingMode rounding) {
        if (!Double.isFinite(number)) {
            throw new IllegalArgumentException("not finite: " + number);
        }
        return BigDecimal.valueOf(number).setScale(1, rounding);
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static String word(String text) {
        return PeerCodec.cut(printable(text).strip().replace(' ', '_'), MAX_WORD_BYTES);
    }

    /// Control characters, line breaks of Unicode and formatting of IRC become blanks; half
    /// surrogates would not survive the way.
    private static String printable(String text) {
        var clean = new StringBuilder(text.length());
        text.codePoints().map(c -> isPrintable(c) ? c : ' ').forEach(clean::appendCodePoint);
        return clean.toString();
    }

    private static boolean isPrintable(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE ->
                    false;
            default -> true;
        };
    }
}
