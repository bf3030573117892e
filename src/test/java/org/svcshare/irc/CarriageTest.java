package org.svcshare.irc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.channel.IrcText;
import org.svcshare.irc.Carriage.Way;
import org.svcshare.turn.Casemapping;
import org.svcshare.turn.PeerMessage;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CarriageTest {
    private static final PeerMessage YIELD = new PeerMessage.Yield(3);
    private static final PeerMessage BYE = new PeerMessage.Bye(3);
    private static final PeerMessage HELLO =
            new PeerMessage.Hello("anna", "1", 2, "00112233445566ff", "fifo", false);

    private final Roster roster = new Roster();
    private boolean takesTags = true;
    private boolean filtersCtcp;
    private boolean settled = true;
    private final Carriage carriage =
            new Carriage(roster, () -> takesTags, () -> filtersCtcp, () -> settled);

    private void peer(String nick, int generation, boolean hearsTags) {
        Roster.Member member = roster.add(nick);
        member.generation = generation;
        member.hearsTags = hearsTags;
    }

    /// Peers: the generation, and `m` for one that hears tags.
    @ParameterizedTest
    @CsvSource({
        "true, 2m 2m, false, TAG",
        "true, 2m 2, false, CTCP",
        "true, 2m 2, true, PLAIN",
        "true, 2m 1 0, false, TAG",
        "true, 2m, true, TAG",
        "true, 1, false, TAG",
        "true, 0, false, TAG",
        "false, 2m 2m, false, CTCP",
        "false, 2m 2m, true, PLAIN"
    })
    void given_peers_when_speaking_to_the_channel_then_a_tag_only_if_all_hear_it(
            boolean own, String peers, boolean filters, Way way) {
        takesTags = own;
        filtersCtcp = filters;
        int i = 0;
        for (String peer : peers.split(" ", -1)) {
            peer("peer" + i++, peer.charAt(0) - '0', peer.endsWith("m"));
        }

        assertEquals(way, carriage.way(null, YIELD));
    }

    @Test
    void given_a_receiver_when_speaking_privately_then_only_it_counts() {
        peer("ben", 2, true);
        peer("carl", 2, false);

        assertEquals(Way.TAG, carriage.way("BEN", YIELD));
        assertEquals(Way.CTCP, carriage.way("carl", YIELD));
        assertEquals(Way.CTCP, carriage.way("nobody", YIELD));
    }

    @Test
    void given_a_hello_or_generation_1_then_never_in_a_tag() {
        peer("ben", 2, true);

        assertEquals(Way.CTCP, carriage.way(null, HELLO));
        assertEquals(Way.CTCP, carriage.way("ben", HELLO));
        assertEquals(Way.CTCP, carriage.way(null, new PeerMessage.LegacyYield()));
        assertEquals(Way.CTCP, carriage.way("ben", new PeerMessage.QueueSize(1)));
        filtersCtcp = true;
        assertEquals(Way.PLAIN, carriage.way(null, HELLO));
        assertEquals(Way.CTCP, carriage.way(null, new PeerMessage.LegacyYield()));
    }

    @Test
    void given_nobody_known_when_just_joined_then_ctcp_since_answers_may_be_on_their_way() {
        settled = false;
        assertEquals(Way.CTCP, carriage.way(null, YIELD));
        settled = true;
        assertEquals(Way.TAG, carriage.way(null, YIELD));
    }

    @Test
    void given_peers_that_rename_leave_and_come_back_then_what_they_said_goes_with_them() {
        roster.clear(Casemapping.RFC1459);
        peer("ben[x]", 2, true);
        peer("carl", 2, false);
        roster.rename("CARL", "{dora}");
        assertEquals(Way.CTCP, carriage.way(null, YIELD));
        roster.remove("[DORA]");
        assertEquals(Way.TAG, carriage.way(null, YIELD));
        roster.rename("BEN{X}", "emil");
        assertEquals(Way.TAG, carriage.way("EMIL", YIELD));
        roster.remove("emil");
        roster.add("emil");
        assertEquals(Way.CTCP, carriage.way("emil", YIELD));
    }

    @Test
    void given_refused_tags_then_ctcp_from_now_on_and_the_latest_again_in_order() {
        peer("ben", 2, true);
        carriage.sent(null, BYE, Way.TAG, 0);
        long later = Duration.ofSeconds(11).toNanos();
        carriage.sent(null, YIELD, Way.TAG, later);
        carriage.sent(null, HELLO, Way.CTCP, later);
        carriage.sent("ben", BYE, Way.TAG, later);

        assertEquals(
                List.of(
                        new Carriage.Sent(null, YIELD, Way.TAG, later),
                        new Carriage.Sent("ben", BYE, Way.TAG, later)),
                carriage.tagsRefused(later + 1));
        assertEquals(List.of(), carriage.tagsRefused(later + 2));
        assertEquals(Way.CTCP, carriage.way(null, YIELD));
        assertEquals(Way.CTCP, carriage.way("ben", YIELD));
        assertEquals(1, carriage.ctcpRefused(later + 3).size());
    }

    @Test
    void given_a_refusal_of_the_channel_then_meant_once_for_each_tag_on_its_way() {
        assertFalse(carriage.areTagsMeant(0));
        carriage.sent(null, YIELD, Way.TAG, 0);
        carriage.sent(null, BYE, Way.TAG, 0);

        assertTrue(carriage.areTagsMeant(1));
        carriage.tagsRefused(1);
        assertTrue(carriage.areTagsMeant(2));
        assertFalse(carriage.areTagsMeant(3));
        assertFalse(carriage.areTagsMeant(4));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSMSG 2 4 {\"y\":\"a; b \\\\ ünï\"} aB_- 1763716137000 abcdefghijklmnopqrstuv",
                "\\",
                "\\:\\s;; \r\n\\n",
                "a=b,c"
            })
    void given_any_text_when_put_into_a_tag_then_the_receiver_reads_the_same(String text) {
        String line = Carriage.line(Way.TAG, "#usenet", text, 100);
        assertNotNull(line);
        assertTrue(IrcText.isLine(line), line);

        IrcLine heard = IrcLine.parse(line);
        assertNotNull(heard);
        assertEquals("TAGMSG", heard.verb());
        assertEquals(List.of("#usenet"), heard.params());
        assertEquals(Map.of("+svcshare.org/msg", text), heard.tags());
    }

    @Test
    void given_a_text_when_escaped_then_as_ircv3_says() {
        assertEquals("a\\:b\\sc\\\\d\\re\\nf", Carriage.escape("a;b c\\d\re\nf"));
        assertEquals(
                "@+svcshare.org/msg=SSMSG\\s2\\s5\\s{\"t\":3} TAGMSG #usenet",
                Carriage.line(Way.TAG, "#usenet", "SSMSG 2 5 {\"t\":3}", 100));
    }

    @Test
    void given_a_text_that_is_too_long_then_there_is_no_line() {
        int own = "+svcshare.org/msg=".length();
        assertNotNull(Carriage.line(Way.TAG, "#c", "x".repeat(4094 - own), 100));
        assertNull(Carriage.line(Way.TAG, "#c", "x".repeat(4095 - own), 100));
        assertNull(Carriage.line(Way.TAG, "#c", " ".repeat((4096 - own) / 2), 100));
        assertNull(Carriage.line(Way.CTCP, "#c", "x".repeat(100), 100));
        assertNotNull(Carriage.line(Way.PLAIN, "#c", "x".repeat(88), 100));
    }

    @ParameterizedTest
    @CsvSource({
        "'CLIENTTAGDENY=*', false",
        "'CLIENTTAGDENY=*,-svcshare.org/msg', true",
        "'CLIENTTAGDENY=draft/react,svcshare.org/msg', false",
        "'CLIENTTAGDENY=draft/react', true",
        "'CLIENTTAGDENY', true",
        "'BOT=B', true"
    })
    void given_tags_that_the_server_does_not_pass_on_then_known(String token, boolean passes) {
        var isupport = new Isupport();
        isupport.learn(List.of("me", token, "are supported"));

        assertEquals(passes, isupport.passesTag(Carriage.TAG_NAME));
    }
}
