package org.svcshare.channel;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.PeerMessage.CallKind;
import org.svcshare.turn.PeerMessage.VoteState;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PeerCodecTest {
    private final PeerCodec codec = new PeerCodec();

    static List<PeerMessage> everyMessage() {
        return List.of(
                new PeerMessage.Announce(""),
                new PeerMessage.Announce("tok en"),
                new PeerMessage.Ack(""),
                new PeerMessage.Ack("tok en"),
                new PeerMessage.StartElection(),
                new PeerMessage.QueueSize(20),
                new PeerMessage.QueueSize(0),
                new PeerMessage.ConnStat(),
                new PeerMessage.ConnUpdate("anna", 4),
                new PeerMessage.LegacyYield(),
                new PeerMessage.Hello("anna", "1.0", 2, "00112233445566ff", "ageing", true),
                new PeerMessage.Call("00112233445566ff-7", CallKind.TURN, "smallest-queue"),
                new PeerMessage.Call("00112233445566ff-8", CallKind.FREE, "fifo"),
                new PeerMessage.Vote("b-1", 30.5, 2, 3600, 512.3, VoteState.FORCED, 99.9),
                new PeerMessage.Vote("b-1", 0, 0, 0, 0, VoteState.HALTED, 0),
                new PeerMessage.Result("b-1", "ss|ben", 417, "smallest queue: 10 MB, ünïcode"),
                new PeerMessage.Result("b-1", null, 417, "nobody has a queue"),
                new PeerMessage.Result("", "ben", 417, "turn 417 is known already"),
                new PeerMessage.Yield(418),
                new PeerMessage.Released(418, 3),
                new PeerMessage.Bye(0));
    }

    @ParameterizedTest
    @MethodSource("everyMessage")
    void given_any_message_when_encoded_and_decoded_then_it_is_the_same(PeerMessage message) {
        var decoded = assertInstanceOf(Decoded.Message.class, codec.decode(codec.encode(message)));

        assertEquals(message, decoded.message());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    SS_ANNOUNCE
                    SS_STARTELECTION
                    SS_CONNSTAT
                    SS_YIELD
                    SS_QUEUESIZE 20.000000
                    SS_CONNUPDATE peerowner1 2
                    """)
    void given_a_recorded_line_of_generation_1_when_decoded_and_encoded_then_no_byte_differs(
            String line) {
        var decoded = assertInstanceOf(Decoded.Message.class, codec.decode(line));

        assertEquals(line, codec.encode(decoded.message()));
    }

    @Test
    void given_a_halted_and_an_empty_bot_when_encoded_then_as_the_originals_say_it() {
        assertEquals("SS_QUEUESIZE 0", codec.encode(new PeerMessage.QueueSize(-0.0)));
        assertEquals("SS_QUEUESIZE 0.000000", codec.encode(new PeerMessage.QueueSize(0)));
        assertEquals(heard(new PeerMessage.QueueSize(0)), codec.decode("SS_QUEUESIZE 0"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ss_yield", "xx_yield", "SS_YIELD", "abcYield", "SS_YIELD extra"})
    void given_any_first_three_characters_and_case_when_decoded_then_the_verb_is_known(
            String body) {
        assertEquals(heard(new PeerMessage.LegacyYield()), codec.decode(body));
    }

    @ParameterizedTest
    @CsvSource({
        "1e-9, 1e-9",
        "5., 5",
        ".5, 0.5",
        "+7, 7",
        "' 70 ', 70",
        "-3.5, -3.5",
        "inf, 0",
        "-inf, 0",
        "nan, 0",
        "1e999, 0",
        "abc, 0",
        "70 x, 0",
        "1d, 0",
        "0x1p3, 0",
        "'', 0"
    })
    void given_a_queue_size_when_decoded_then_as_python_counts_but_finite(
            String argument, double size) {
        assertEquals(
                heard(new PeerMessage.QueueSize(size)), codec.decode("SS_QUEUESIZE " + argument));
    }

    @Test
    void given_a_queue_size_without_argument_when_decoded_then_ignored() {
        assertInstanceOf(Decoded.Ignored.class, codec.decode("SS_QUEUESIZE"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SS_CONNUPDATE",
                "SS_CONNUPDATE ",
                "SS_CONNUPDATE a b 2",
                "SS_CONNUPDATE anna two",
                "SS_CONNUPDATE anna -1",
                "SS_CONNUPDATE anna 99999999999999999999",
                "SS_CONNUPDATE anna 1.5"
            })
    void D1_given_a_malformed_connupdate_when_decoded_then_it_is_bad_and_nothing_breaks(
            String body) {
        assertInstanceOf(Decoded.Bad.class, codec.decode(body));
    }

    @Test
    void given_a_bare_count_when_decoded_then_it_is_taken() {
        assertEquals(heard(new PeerMessage.ConnUpdate("", 2)), codec.decode("SS_CONNUPDATE 2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "anna smith", "a\u00a0b c", "a\r\nb", "a\u0001b"})
    void D1_given_any_owner_when_encoded_then_originals_see_exactly_two_words(String owner) {
        String line = codec.encode(new PeerMessage.ConnUpdate(owner, 3));

        assertTrue(line.matches("SS_CONNUPDATE [^\\s\\p{Cntrl}]+ \\d+"), line);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SSMSG", "SSMSG ", "SSMSG 2", "SSMSG x y", "SSMSG 2 3", "SSMSG 2 3 x"})
    void D2_given_ssmsg_without_its_arguments_when_decoded_then_it_is_bad(String body) {
        assertInstanceOf(Decoded.Bad.class, codec.decode(body));
    }

    @Test
    void given_other_generations_types_and_verbs_when_decoded_then_ignored() {
        assertEquals(new Decoded.Ignored("other-generation"), codec.decode("SSMSG 3 1 {}"));
        assertEquals(new Decoded.Ignored("unknown-type"), codec.decode("SSMSG 2 99 {}"));
        assertEquals(new Decoded.Ignored("unknown-verb"), codec.decode("VERSION"));
        assertEquals(new Decoded.Ignored("unknown-verb"), codec.decode(""));
        assertEquals(new Decoded.Ignored("unknown-verb"), codec.decode("SS_"));
    }

    @Test
    void given_unknown_members_when_decoded_then_they_are_ignored() {
        assertEquals(
                new PeerMessage.Yield(7),
                message("SSMSG 2 5 {\"new\":[1,{\"deep\":true}],\"t\":7}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"e\":\"b-1\",\"q\":-1,\"c\":0,\"w\":0,\"u\":0,\"s\":\"ready\",\"f\":0}",
                "{\"e\":\"b-1\",\"q\":NaN,\"c\":0,\"w\":0,\"u\":0,\"s\":\"ready\",\"f\":0}",
                "{\"e\":\"b-1\",\"q\":\"NaN\",\"c\":0,\"w\":0,\"u\":0,\"s\":\"ready\",\"f\":0}",
                "{\"e\":\"b-1\",\"q\":1e400,\"c\":0,\"w\":0,\"u\":0,\"s\":\"ready\",\"f\":0}",
                "{\"e\":\"b-1\",\"q\":1e13,\"c\":0,\"w\":0,\"u\":0,\"s\":\"ready\",\"f\":0}",
                "{\"e\":\"b-1\",\"q\":1,\"c\":-1,\"w\":0,\"u\":0,\"s\":\"ready\",\"f\":0}",
                "{\"e\":\"b-1\",\"q\":1,\"c\":1.5,\"w\":0,\"u\":0,\"s\":\"ready\",\"f\":0}",
                "{\"e\":\"b-1\",\"q\":1,\"c\":99999999999999999999,\"w\":0,\"u\":0,\"s\":\"ready\","
                        + "\"f\":0}",
                "{\"e\":\"b-1\",\"q\":1,\"c\":0,\"w\":0,\"u\":0,\"s\":\"dancing\",\"f\":0}",
                "{\"e\":\"b 1\",\"q\":1,\"c\":0,\"w\":0,\"u\":0,\"s\":\"ready\",\"f\":0}",
                "{\"e\":7,\"q\":1,\"c\":0,\"w\":0,\"u\":0,\"s\":\"ready\",\"f\":0}",
                "{\"q\":1,\"c\":0,\"w\":0,\"u\":0,\"s\":\"ready\",\"f\":0}",
                "{\"e\":\"b-1\",\"e\":\"b-2\",\"q\":1,\"c\":0,\"w\":0,\"u\":0,\"s\":\"ready\","
                        + "\"f\":0}",
                "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]{}",
                "{",
                "[]}",
                "null}",
                "{}{}"
            })
    void given_figures_that_are_huge_negative_nan_or_of_the_wrong_type_then_the_vote_is_bad(
            String payload) {
        assertInstanceOf(Decoded.Bad.class, codec.decode("SSMSG 2 3 " + payload));
    }

    @Test
    void given_a_payload_over_350_bytes_when_decoded_then_it_is_bad() {
        String long351 = "{\"t\":7,\"x\":\"" + "é".repeat(169) + "\"}";
        assertEquals(352, long351.getBytes(UTF_8).length);

        assertEquals(new Decoded.Bad("payload-too-long"), codec.decode("SSMSG 2 5 " + long351));
        assertEquals(new Decoded.Bad("too-long"), codec.decode("x".repeat(100_000)));
    }

    @Test
    void given_a_tiny_queue_when_encoded_then_it_does_not_become_empty() {
        var vote = new PeerMessage.Vote("b-1", 0.0001, 0, 0, 0, VoteState.READY, 0);

        var heard = (PeerMessage.Vote) message(codec.encode(vote));

        assertEquals(0.1, heard.queueMb());
    }

    @Test
    void given_figures_no_peer_would_take_when_encoded_then_refused() {
        assertThrows(
                IllegalArgumentException.class,
                () -> codec.encode(new PeerMessage.QueueSize(Double.NaN)));
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        codec.encode(
                                new PeerMessage.Vote(
                                        "b-1",
                                        Double.POSITIVE_INFINITY,
                                        0,
                                        0,
                                        0,
                                        VoteState.READY,
                                        0)));
        assertThrows(IllegalArgumentException.class, () -> codec.encode(new PeerMessage.Yield(-1)));
    }

    @Test
    void given_texts_with_line_breaks_when_encoded_then_one_line_within_the_limit() {
        String reason = "first\r\nQUIT :x\u0000\u0001 " + "\ud83d\ude00".repeat(300);
        String text = codec.encode(new PeerMessage.Result("b-1", "ben", 1, reason));

        assertTrue(text.chars().noneMatch(c -> c < ' '), text);
        String payload = text.substring("SSMSG 2 4 ".length());
        assertTrue(payload.getBytes(UTF_8).length <= 350, payload);
    }

    @Test
    void given_a_seal_when_encoded_and_decoded_then_payload_and_seal_come_apart_again() {
        var seal = new Decoded.Seal("aB_-", 1_763_716_137_000L, "abcdefghijklmnopqrstuv");
        String text =
                codec.encode(new PeerMessage.Result("b-1", "b}n", 1, "a } b"), (_, _) -> seal);

        var decoded = assertInstanceOf(Decoded.Message.class, codec.decode(text));

        var envelope = decoded.envelope();
        assertEquals(seal, envelope == null ? null : envelope.seal());
        assertEquals(new PeerMessage.Result("b-1", "b}n", 1, "a } b"), decoded.message());
        assertInstanceOf(Decoded.Bad.class, codec.decode(text + "x"));
    }

    @ParameterizedTest
    @CsvSource({"'', false", "',\"m\":0', false", "',\"m\":1', true", "',\"m\":7', true"})
    void given_a_hello_when_decoded_then_it_tells_whether_tags_get_there(
            String more, boolean hears) {
        var decoded =
                assertInstanceOf(
                        Decoded.Message.class,
                        codec.decode(
                                "SSMSG 2 1 {\"o\":\"a\",\"v\":\"1\",\"g\":2,\"b\":\"b\",\"p\":\"fifo\""
                                        + more
                                        + "}"));

        assertEquals(hears, hearsTags(decoded));
        String said = codec.encode(decoded.message(), hears, (_, _) -> null);
        assertEquals(hears, hearsTags((Decoded.Message) codec.decode(said)));
    }

    private static boolean hearsTags(Decoded.Message decoded) {
        var envelope = decoded.envelope();
        return envelope != null && envelope.hearsTags();
    }

    @Test
    void given_a_hello_with_nonsense_about_tags_or_another_message_with_it_then_bad_or_nothing() {
        String hello =
                "SSMSG 2 1 {\"o\":\"a\",\"v\":\"1\",\"g\":2,\"b\":\"b\",\"p\":\"fifo\",\"m\":";
        assertEquals(new Decoded.Bad("member-m"), codec.decode(hello + "true}"));
        assertEquals(new Decoded.Bad("member-m"), codec.decode(hello + "-1}"));
        var call = (Decoded.Message) codec.decode("SSMSG 2 5 {\"t\":7,\"m\":1}");
        assertEquals(false, hearsTags(call));
        assertEquals(
                "SSMSG 2 5 {\"t\":7}",
                codec.encode(new PeerMessage.Yield(7), true, (_, _) -> null));
    }

    @Test
    void given_an_announce_with_an_odd_argument_when_acknowledged_then_it_comes_back_harmless() {
        var heard = (PeerMessage.Announce) message("SS_ANNOUNCE a\r\nQUIT \0\u0001 b");

        String ack = codec.encode(new PeerMessage.Ack(heard.argument()));

        assertEquals("SS_ACK a  QUIT    b", ack);
    }

    @Test
    void given_requests_between_text_when_split_then_all_parts_come_in_order() {
        assertEquals(
                List.of(
                        new CtcpText.Part(false, "hello "),
                        new CtcpText.Part(true, "SS_CONNSTAT"),
                        new CtcpText.Part(true, "SS_YIELD"),
                        new CtcpText.Part(false, " tail")),
                CtcpText.split("hello \u0001SS_CONNSTAT\u0001\u0001SS_YIELD\u0001 tail"));
    }

    @Test
    void given_a_lone_delimiter_when_split_then_it_is_plain_text() {
        assertEquals(
                List.of(new CtcpText.Part(false, "\u0001SS_YIELD")),
                CtcpText.split("\u0001SS_YIELD"));
        assertEquals(List.of(), CtcpText.split(""));
        assertEquals(List.of(), CtcpText.split("\u0001\u0001"));
    }

    @Test
    void given_low_level_quoting_when_split_then_it_is_undone() {
        assertEquals(
                List.of(new CtcpText.Part(true, "A\0B\nC\rD\u0010Ex")),
                CtcpText.split("\u0001A\u00100B\u0010nC\u0010rD\u0010\u0010E\u0010x\u0001\u0010"));
    }

    private PeerMessage message(String body) {
        return assertInstanceOf(Decoded.Message.class, codec.decode(body)).message();
    }

    private static Decoded heard(PeerMessage message) {
        return new Decoded.Message(message, null);
    }
}
