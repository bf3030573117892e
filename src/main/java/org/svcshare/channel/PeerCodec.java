package org.svcshare.channel;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.PeerMessage;

/// The wire of both generations: messages to text and back.
///
/// The text is the body of a CTCP request, without its delimiters; generation 2 may also travel
/// plain or in a tag. Decoding never throws and never trusts: what comes out is finite, bounded and
/// free of line breaks. Stateless, so any thread may use it.
///
/// Source: docs/peer-protocol.md.
public final class PeerCodec {
    /// The verb of generation 2; also what a plain carried message begins with.
    public static final String VERB = "SSMSG";

    /// A longer body is not looked at; a line of IRC has at most 512 bytes, a tag 4094.
    static final int MAX_BODY_CHARS = 1024;

    private static final int GENERATION = 2;
    private static final int MAX_ARGUMENT_BYTES = 300;
    private static final int MAX_CONNECTIONS = 1_000_000;

    /// What Python's `float()` takes, `inf` and `nan` aside; Java's parser would also take `1d` and
    /// `0x1p3`. The bounded repeats keep a hostile line cheap.
    private static final Pattern FLOAT =
            Pattern.compile("[+-]?(\\d{1,400}(\\.\\d{0,400})?|\\.\\d{1,400})([eE][+-]?\\d{1,10})?");

    private static final Pattern COUNT = Pattern.compile("\\+?\\d{1,9}");

    private final PeerPayload payloads = new PeerPayload();

    /// Signs one message of generation 2.
    @FunctionalInterface
    public interface Sealer {
        /// @return null to leave it unsigned
        Decoded.@Nullable Seal seal(int type, String payload);
    }

    /// The text of an unsigned message.
    ///
    /// @throws IllegalArgumentException if a figure in it is out of range
    public String encode(PeerMessage message) {
        return encode(message, (_, _) -> null);
    }

    /// The text of a message; generation 1 is never signed.
    ///
    /// @throws IllegalArgumentException if a figure in it is out of range
    public String encode(PeerMessage message, Sealer sealer) {
        return encode(message, false, sealer);
    }

    /// The same.
    ///
    /// @param hearsTags whether a HELLO is to say that tags get to us
    public String encode(PeerMessage message, boolean hearsTags, Sealer sealer) {
        return switch (message) {
            case PeerMessage.Announce(String argument) -> withArgument("SS_ANNOUNCE", argument);
            case PeerMessage.Ack(String argument) -> withArgument("SS_ACK", argument);
            case PeerMessage.StartElection() -> "SS_STARTELECTION";
            case PeerMessage.QueueSize(double sizeMb) -> "SS_QUEUESIZE " + size(sizeMb);
            case PeerMessage.ConnStat() -> "SS_CONNSTAT";
            case PeerMessage.ConnUpdate(String owner, int connections) ->
                    "SS_CONNUPDATE " + word(owner) + " " + Math.max(0, connections);
            case PeerMessage.LegacyYield() -> "SS_YIELD";
            case PeerMessage.Hello _,
                    PeerMessage.Call _,
                    PeerMessage.Vote _,
                    PeerMessage.Result _,
                    PeerMessage.Yield _,
                    PeerMessage.Released _,
                    PeerMessage.Bye _ ->
                    sealed(message, hearsTags, sealer);
        };
    }

    private String sealed(PeerMessage message, boolean hearsTags, Sealer sealer) {
        int type = PeerPayload.type(message);
        String payload = payloads.write(message, hearsTags);
        Decoded.Seal seal = sealer.seal(type, payload);
        String text = VERB + " " + GENERATION + " " + type + " " + payload;
        return seal == null
                ? text
                : text + " " + seal.keyId() + " " + seal.counter() + " " + seal.code();
    }

    private static String withArgument(String verb, String argument) {
        String clean = cut(clean(argument), MAX_ARGUMENT_BYTES);
        return clean.isEmpty() ? verb : verb + " " + clean;
    }

    /// A halted bot of generation 1 says the single digit `0`, an empty one `0.000000`. The first
    /// is our negative zero; originals take both for the same number.
    private static String size(double sizeMb) {
        if (!Double.isFinite(sizeMb)) {
            throw new IllegalArgumentException("sizeMb=" + sizeMb);
        }
        if (Double.compare(sizeMb, -0.0) == 0) {
            return "0";
        }
        return String.format(Locale.ROOT, "%.6f", sizeMb);
    }

    /// One word, never empty: an empty or a third word ends every original in the channel (D1).
    private static String word(String owner) {
        String clean = cut(clean(owner).strip().replaceAll("[\\s\\p{Z}]+", "_"), 64);
        return clean.isEmpty() ? "-" : clean;
    }

    /// Reads the body of a CTCP request, or a plain text that begins with [#VERB].
    public Decoded decode(String body) {
        if (body.length() > MAX_BODY_CHARS) {
            return new Decoded.Bad("too-long");
        }
        int blank = body.indexOf(' ');
        String verb = blank < 0 ? body : body.substring(0, blank);
        @Nullable String argument = blank < 0 ? null : body.substring(blank + 1);
        if (verb.equalsIgnoreCase(VERB)) {
            return second(argument);
        }
        return verb.length() <= 3
                ? new Decoded.Ignored("unknown-verb")
                : first(verb.substring(3).toLowerCase(Locale.ROOT), argument);
    }

    /// Generation 1. The originals drop three characters of the verb without a look at them.
    private static Decoded first(String verb, @Nullable String argument) {
        return switch (verb) {
            case "announce" -> heard(new PeerMessage.Announce(argument(argument)));
            case "ack" -> heard(new PeerMessage.Ack(argument(argument)));
            case "startelection" -> heard(new PeerMessage.StartElection());
            case "connstat" -> heard(new PeerMessage.ConnStat());
            case "yield" -> heard(new PeerMessage.LegacyYield());
            case "queuesize" ->
                    argument == null
                            ? new Decoded.Ignored("no-argument")
                            : heard(new PeerMessage.QueueSize(number(argument)));
            case "connupdate" -> connUpdate(argument);
            default -> new Decoded.Ignored("unknown-verb");
        };
    }

    private static Decoded heard(PeerMessage message) {
        return new Decoded.Message(message, null);
    }

    private static String argument(@Nullable String argument) {
        return argument == null ? "" : cut(clean(argument), MAX_ARGUMENT_BYTES);
    }

    /// As the originals count: what is no number is 0. Infinity and NaN can never win there; 0
    /// cannot either, so that is what they become.
    private static double number(String text) {
        String trimmed = text.strip();
        if (!FLOAT.matcher(trimmed).matches()) {
            return 0;
        }
        double value = Double.parseDouble(trimmed);
        return Double.isFinite(value) ? value + 0.0 : 0;
    }

    private static Decoded connUpdate(@Nullable String argument) {
        if (argument == null || argument.isBlank()) {
            return new Decoded.Bad("connupdate-empty");
        }
        String[] words = argument.strip().split("\\s+", 4);
        if (words.length > 2) {
            return new Decoded.Bad("connupdate-words");
        }
        String count = words[words.length - 1];
        if (!COUNT.matcher(count).matches() || Integer.parseInt(count) > MAX_CONNECTIONS) {
            return new Decoded.Bad("connupdate-count");
        }
        String owner = words.length == 2 ? cut(clean(words[0]), 64) : "";
        return heard(new PeerMessage.ConnUpdate(owner, Integer.parseInt(count)));
    }

    /// Generation 2: `2 <type> <payload>[ <key id> <counter> <code>]`.
    private Decoded second(@Nullable String argument) {
        if (argument == null) {
            return new Decoded.Bad("ssmsg-empty");
        }
        String[] words = argument.split(" ", 3);
        if (words.length < 2 || !isCount(words[0]) || !isCount(words[1])) {
            return new Decoded.Bad("ssmsg-form");
        }
        if (Integer.parseInt(words[0]) != GENERATION) {
            return new Decoded.Ignored("other-generation");
        }
        int type = Integer.parseInt(words[1]);
        if (!PeerPayload.known(type)) {
            return new Decoded.Ignored("unknown-type");
        }
        // A seal holds no brace, so the last one ends the payload whatever its strings hold.
        int end = words.length < 3 ? -1 : words[2].lastIndexOf('}');
        if (end < 0) {
            return new Decoded.Bad("no-payload");
        }
        String payload = words[2].substring(0, end + 1);
        if (payload.getBytes(UTF_8).length > PeerPayload.MAX_BYTES) {
            return new Decoded.Bad("payload-too-long");
        }
        String rest = words[2].substring(end + 1);
        Decoded.Seal seal = rest.isBlank() ? null : seal(rest);
        if (seal == null && !rest.isBlank()) {
            return new Decoded.Bad("seal-form");
        }
        return switch (payloads.read(type, payload)) {
            case PeerPayload.Read.Good(PeerMessage message, boolean hearsTags) ->
                    new Decoded.Message(
                            message, new Decoded.Envelope(type, payload, seal, hearsTags));
            case PeerPayload.Read.Malformed(String reason) -> new Decoded.Bad(reason);
        };
    }

    private static Decoded.@Nullable Seal seal(String text) {
        String[] words = text.strip().split(" ", 4);
        boolean formed =
                words.length == 3
                        && words[0].matches("[\\w-]{1,8}")
                        && words[1].matches("\\d{1,15}")
                        && words[2].matches("[\\w-]{22}");
        return formed ? new Decoded.Seal(words[0], Long.parseLong(words[1]), words[2]) : null;
    }

    private static boolean isCount(String word) {
        return COUNT.matcher(word).matches();
    }

    /// Without what would end a line or a request.
    static String clean(String text) {
        var clean = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            clean.append(c == '\r' || c == '\n' || c == '\0' || c == '\u0001' ? ' ' : c);
        }
        return clean.toString();
    }

    /// At most so many bytes of UTF-8, never half a character.
    static String cut(String text, int maxBytes) {
        int bytes = 0;
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
            if (bytes > maxBytes) {
                return text.substring(0, i);
            }
            i += Character.charCount(point);
        }
        return text;
    }
}
