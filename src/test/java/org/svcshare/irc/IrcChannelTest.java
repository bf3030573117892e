package org.svcshare.irc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.channel.CommandParser;
import org.svcshare.channel.CommandWord;
import org.svcshare.channel.Spoken;
import org.svcshare.config.CommandSettings;
import org.svcshare.config.Endpoint;
import org.svcshare.config.IrcSettings;
import org.svcshare.config.IrcSettings.Mechanism;
import org.svcshare.config.IrcSettings.SaslSettings;
import org.svcshare.config.PeerSettings;
import org.svcshare.config.Secret;
import org.svcshare.config.TlsSettings;
import org.svcshare.turn.Asker;
import org.svcshare.turn.Casemapping;
import org.svcshare.turn.Command;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.TurnEffect.Weight;
import org.svcshare.turn.TurnEvent;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(30)
class IrcChannelTest {
    private static final String BOOT = "00112233445566ff";

    private final FakeServer server = new FakeServer();
    private final BlockingQueue<TurnEvent> events = new LinkedBlockingQueue<>();
    private IrcChannel channel = made(new Wish());
    private boolean started;

    /// The settings a test varies; everything is quick.
    private final class Wish {
        int port = server.port();
        SaslSettings sasl = SaslSettings.NONE;
        Optional<String> botChannel = Optional.empty();
        Optional<Secret> password = Optional.empty();
        Optional<Secret> key = Optional.empty();
        Optional<IrcSettings.NickServSettings> nickServ = Optional.empty();
        PeerSettings peers = PeerSettings.ANY;
        CommandSettings commands = new CommandSettings("anna", List.of(), Map.of());
        Duration ping = Duration.ofSeconds(20);
        int burst = 100;
        Duration interval = Duration.ofMillis(1);

        IrcSettings settings() {
            return new IrcSettings(
                    new Endpoint("127.0.0.1", port),
                    TlsSettings.OFF,
                    "ss|anna",
                    "ss|anna",
                    "a bot",
                    "#usenet",
                    key,
                    botChannel,
                    password,
                    sasl,
                    nickServ,
                    true,
                    Duration.ofSeconds(2),
                    Duration.ofMillis(20),
                    Duration.ofMillis(200),
                    Duration.ofMillis(50),
                    Duration.ofMillis(50),
                    ping,
                    Duration.ofMillis(200),
                    burst,
                    interval,
                    false);
        }
    }

    private IrcChannel made(Wish wish) {
        return new IrcChannel(
                wish.settings(),
                wish.peers,
                wish.commands,
                BOOT,
                InstantSource.system(),
                RandomGenerator.getDefault());
    }

    private void wish(Wish wish) {
        channel = made(wish);
    }

    /// The bot's next connection; starts the bot if that was not done.
    private FakeServer accept() {
        start();
        return server.accept();
    }

    private void start() {
        if (!started) {
            started = true;
            channel.start(events::add);
        }
    }

    @AfterEach
    void end() {
        channel.close();
        server.close();
    }

    private void joined(String others) {
        accept().welcome("ss|anna").admit("ss|anna", others);
        next(TurnEvent.Joined.class);
    }

    private <E extends TurnEvent> E next(Class<E> kind) {
        try {
            while (true) {
                TurnEvent event = events.poll(5, TimeUnit.SECONDS);
                if (event == null) {
                    throw new AssertionError("no " + kind.getSimpleName());
                }
                if (kind.isInstance(event)) {
                    return kind.cast(event);
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void given_a_server_when_connecting_then_joins_and_tells_who_is_there() {
        accept();
        assertEquals("CAP LS 302", server.expect("^CAP"));
        assertEquals("NICK ss|anna", server.expect("^NICK"));
        assertEquals("USER ssanna 0 * :a bot", server.expect("^USER"));
        server.send(
                ":irc.test CAP * LS * :multi-prefix account-tag=x",
                ":irc.test CAP * LS :echo-message message-tags");
        assertEquals("CAP REQ :multi-prefix account-tag message-tags", server.expect("^CAP REQ"));
        server.send(":irc.test CAP * ACK :multi-prefix account-tag message-tags");
        server.expect("^CAP END");
        server.send(
                ":irc.test 001 ss|anna :Welcome",
                ":irc.test 005 ss|anna CASEMAPPING=ascii BOT=b NETWORK=X :are supported",
                ":irc.test 376 ss|anna :End");
        server.expect("^MODE ss\\|anna \\+b");
        server.admit("ss|anna", "@+boss ben!b@host");

        var event = next(TurnEvent.Joined.class);

        assertEquals(
                new TurnEvent.Joined(
                        "ss|anna", Casemapping.ASCII, Set.of("ss|anna", "boss", "ben")),
                event);
        assertTrue(channel.status().joined());
    }

    @Test
    void given_another_spelling_of_the_channel_when_joined_then_it_is_the_same_channel() {
        accept().welcome("ss|anna");
        server.expect("^JOIN");
        server.send(
                ":ss|anna!b@h JOIN :#UseNet",
                ":irc.test 353 ss|anna = #UseNet :ss|anna",
                ":irc.test 366 ss|anna #UseNet :End");

        next(TurnEvent.Joined.class);
    }

    @Test
    void given_people_that_come_go_and_rename_then_each_is_told() {
        joined("ben carl dora emil");
        server.send(
                ":fay!f@h JOIN #usenet",
                ":ben!b@h PART #usenet",
                ":carl!c@h QUIT",
                ":boss!x@h KICK #usenet dora",
                ":emil!e@h NICK :Emil2",
                ":ss|anna!b@h NICK anna-bot",
                ":boss!x@h KICK #other fay");

        assertEquals(new TurnEvent.MemberJoined("fay"), take());
        assertEquals(new TurnEvent.MemberLeft("ben"), take());
        assertEquals(new TurnEvent.MemberLeft("carl"), take());
        assertEquals(new TurnEvent.MemberLeft("dora"), take());
        assertEquals(new TurnEvent.Renamed("emil", "Emil2"), take());
        assertEquals(new TurnEvent.Renamed("ss|anna", "anna-bot"), take());
    }

    private TurnEvent take() {
        return next(TurnEvent.class);
    }

    @Test
    void given_a_message_of_generation_1_when_heard_then_it_is_passed_on() {
        joined("ben");
        server.send(
                ":ben!b@h PRIVMSG #usenet :hello \u0001SS_CONNSTAT\u0001 tail",
                ":ben!b@h PRIVMSG ss|anna :\u0001ss_queuesize 20.5\u0001");

        assertEquals(new TurnEvent.Heard("ben", false, new PeerMessage.ConnStat()), take());
        assertEquals(new TurnEvent.Heard("ben", true, new PeerMessage.QueueSize(20.5)), take());
    }

    @Test
    void given_a_vote_from_somebody_outside_the_channel_then_it_is_counted_and_dropped() {
        joined("ben");
        server.send(
                ":eve!e@h PRIVMSG ss|anna :\u0001SS_YIELD\u0001",
                ":eve!e@h PRIVMSG ss|anna :\u0001SSMSG 2 5 {\"t\":9}\u0001",
                ":ben!b@h PRIVMSG #usenet :\u0001SS_CONNSTAT\u0001");

        assertEquals(new TurnEvent.Heard("ben", false, new PeerMessage.ConnStat()), take());
        await().until(() -> channel.status().rejected().getOrDefault("not-in-channel", 0L) == 2);
    }

    @Test
    void given_messages_to_send_then_they_stand_on_the_wire_as_the_protocol_says() {
        joined("ben");
        channel.send(null, new PeerMessage.Announce(""));
        channel.send("ben", new PeerMessage.QueueSize(20));
        channel.send(null, new PeerMessage.Yield(3));

        assertEquals("PRIVMSG #usenet :\u0001SS_ANNOUNCE\u0001", server.expect("SS_ANNOUNCE"));
        assertEquals("PRIVMSG ben :\u0001SS_QUEUESIZE 20.000000\u0001", server.expect("QUEUESIZE"));
        assertEquals("PRIVMSG #usenet :\u0001SSMSG 2 5 {\"t\":3}\u0001", server.expect("SSMSG"));
    }

    @Test
    void D4a_given_odd_lines_when_they_come_then_the_bot_lives_and_listens() {
        joined("ben");
        server.send(
                "",
                " ",
                ":",
                ": ",
                "@",
                "@a=b",
                "@a=b ",
                ":ben!b@h QUIT",
                ":carl!c@h JOIN",
                ":carl!c@h JOIN #usenet",
                ":carl!c@h PRIVMSG",
                ":carl!c@h PRIVMSG #usenet",
                ":carl!c@h PRIVMSG #usenet :",
                ":carl!c@h KICK",
                ":carl!c@h KICK #usenet",
                ":carl!c@h NICK",
                ":carl!c@h NICK :",
                ":carl!c@h PART",
                ":carl!c@h MODE #usenet",
                ":carl!c@h MODE #usenet +o",
                ":carl!c@h MODE #usenet +ooooo",
                ":irc.test 005",
                ":irc.test 353",
                ":irc.test 366",
                ":irc.test 324",
                ":irc.test 352 a",
                ":irc.test 354",
                ":irc.test 404",
                ":irc.test 433",
                ":irc.test 437",
                ":irc.test 474",
                "CAP",
                "CAP * LS",
                "AUTHENTICATE",
                "\u0000\u0001\u0002",
                "@" + "x=y;".repeat(1900) + " :carl!c@h PRIVMSG #usenet :tagged",
                "@" + "z".repeat(20_000) + " :carl!c@h PRIVMSG #usenet :too long",
                ":carl!c@h PRIVMSG #usenet :\u0001",
                ":carl!c@h PRIVMSG #usenet :\u0001\u0001\u0001",
                ":carl!c@h PRIVMSG #usenet :\u0001SS_CONNUPDATE\u0001",
                ":carl!c@h PRIVMSG #usenet :\u0001SS_CONNUPDATE a b c\u0001",
                ":carl!c@h PRIVMSG #usenet :\u0001SSMSG\u0001",
                ":carl!c@h PRIVMSG ss|anna :nick");
        server.raw(new byte[] {(byte) 0xff, (byte) 0xfe, 13, 10, 13, 13, 10, 0, 10});
        server.send(":carl!c@h PRIVMSG #usenet :\u0001SS_YIELD\u0001");

        assertEquals(
                new TurnEvent.Heard("carl", false, new PeerMessage.LegacyYield()),
                next(TurnEvent.Heard.class));
        assertEquals(0L, channel.status().rejected().getOrDefault("internal-error", 0L));
        assertTrue(channel.status().joined());
    }

    @Test
    void given_a_kick_when_it_happens_then_lost_and_soon_back() {
        joined("ben");
        server.send(":boss!x@h KICK #usenet ss|anna :out");

        assertEquals(new TurnEvent.Lost("kicked by boss (out)"), take());
        assertEquals("kicked by boss (out)", channel.status().trouble());
        server.admit("ss|anna", "ben");
        next(TurnEvent.Joined.class);
        await().until(() -> channel.status().trouble().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 405, 437, 471, 473, 474, 475, 477})
    void given_a_refused_join_when_tried_again_later_then_in_without_reconnecting(int numeric) {
        accept().welcome("ss|anna");
        server.expect("^JOIN");
        server.send(":irc.test " + numeric + " ss|anna #usenet :Cannot join");
        server.expect("^JOIN");
        await().until(() -> channel.status().trouble().startsWith("cannot join #usenet"));
        server.send(":irc.test " + numeric + " ss|anna #usenet :Cannot join");
        server.admit("ss|anna", "");

        next(TurnEvent.Joined.class);
        assertEquals(0, channel.status().reconnects());
    }

    @Test
    void given_a_taken_nick_when_registering_then_an_alternative_and_later_the_wanted_one() {
        accept();
        server.expect("^USER");
        server.send(":irc.test 433 * ss|anna :Nickname is already in use");
        assertEquals("NICK ss|anna2", server.expect("^NICK"));
        server.send(":irc.test 433 * ss|anna2 :Nickname is already in use");
        assertEquals("NICK ss|anna3", server.expect("^NICK"));
        server.send(":irc.test 001 ss|anna3 :Welcome", ":irc.test 422 ss|anna3 :No MOTD");
        server.admit("ss|anna3", "ss|anna");
        assertEquals("ss|anna3", next(TurnEvent.Joined.class).nick());

        server.expect("^ISON ss\\|anna");
        server.send(":irc.test 303 ss|anna3 :ss|anna");
        server.expect("^ISON ss\\|anna");
        server.send(":irc.test 303 ss|anna3 :");
        assertEquals("NICK ss|anna", server.expect("^NICK"));
        server.send(":ss|anna3!b@h NICK :ss|anna");

        assertEquals(new TurnEvent.Renamed("ss|anna3", "ss|anna"), take());
    }

    @Test
    void given_an_old_bot_in_the_channel_when_the_nick_is_free_then_no_rename_in_the_channel() {
        accept();
        server.expect("^USER");
        server.send(":irc.test 433 * ss|anna :Nickname is already in use");
        server.send(":irc.test 001 ss|anna2 :Welcome", ":irc.test 422 ss|anna2 :No MOTD");
        server.admit("ss|anna2", "orig");
        next(TurnEvent.Joined.class);
        server.send(":orig!o@h PRIVMSG #usenet :\u0001SS_ANNOUNCE\u0001");
        next(TurnEvent.Heard.class);

        server.send(":irc.test 303 ss|anna2 :");

        server.expectNothingLike("^NICK");
    }

    @Test
    void given_an_old_bot_when_renamed_by_command_then_part_nick_join() {
        joined("orig");
        server.send(":orig!o@h PRIVMSG #usenet :\u0001SS_ANNOUNCE\u0001");
        next(TurnEvent.Heard.class);

        channel.rename("newname");

        server.expect("^PART #usenet");
        server.send(":ss|anna!b@h PART #usenet");
        next(TurnEvent.Lost.class);
        server.expect("^NICK newname");
        server.send(":ss|anna!b@h NICK newname");
        server.admit("newname", "orig");
        assertEquals("newname", next(TurnEvent.Joined.class).nick());
    }

    @Test
    void given_a_rename_to_a_taken_nick_then_said_and_still_there() {
        joined("ben");
        channel.rename("ben");
        server.expect("^NICK ben");
        server.send(":irc.test 433 ss|anna ben :Nickname is already in use");

        server.expect("^PRIVMSG #usenet :Cannot be ben");
        assertEquals("ss|anna", channel.status().nick());
    }

    @Test
    void D10_given_own_rename_by_services_when_called_by_the_new_nick_then_it_listens() {
        joined("ben");
        server.send(
                ":ss|anna!b@h NICK Guest1",
                ":ben!b@h PRIVMSG #usenet :ss|anna: pause",
                ":ben!b@h PRIVMSG #usenet :guest1, unhalt");

        assertEquals(new TurnEvent.Renamed("ss|anna", "Guest1"), take());
        assertEquals(new TurnEvent.Asked(new Asker("ben", false), new Command.Unhalt()), take());
    }

    @Test
    void given_an_erroneous_nick_when_refused_then_another_one_is_tried() {
        accept();
        server.expect("^USER");
        server.send(":irc.test 432 * ss|anna :Erroneous nickname");
        assertEquals("NICK ssanna", server.expect("^NICK"));
        server.send(":irc.test 432 * ssanna :Erroneous nickname");
        assertTrue(server.expect("^NICK").matches("NICK svc\\d+"));
    }

    @Test
    void given_a_cut_connection_when_it_is_lost_then_reconnects_and_joins_again() {
        joined("ben");
        server.cut();

        next(TurnEvent.Lost.class);
        joined("ben");
        assertEquals(1, channel.status().reconnects());
    }

    @Test
    void given_an_error_from_the_server_when_it_closes_then_its_words_are_the_reason() {
        joined("ben");
        server.send("ERROR :Closing Link: ss|anna (K-lined)");
        server.cut();

        assertEquals("Closing Link: ss|anna (K-lined)", next(TurnEvent.Lost.class).why());
    }

    @Test
    void given_a_silent_server_when_it_does_not_answer_our_ping_then_reconnects() {
        var wish = new Wish();
        wish.ping = Duration.ofMillis(150);
        wish(wish);
        joined("ben");
        server.expect("^PING");

        assertTrue(next(TurnEvent.Lost.class).why().contains("not answered"));
        joined("ben");
    }

    @Test
    void given_sasl_plain_when_offered_then_logged_in_before_the_welcome() {
        var wish = new Wish();
        wish.sasl =
                new SaslSettings(Mechanism.PLAIN, "anna", Optional.of(new Secret("sesame")), true);
        wish(wish);
        accept();
        server.expect("^USER");
        server.send(":irc.test CAP * LS :sasl=PLAIN,EXTERNAL multi-prefix");
        server.expect("^CAP REQ :multi-prefix sasl$");
        server.send(":irc.test CAP * ACK :multi-prefix sasl");
        server.expect("^AUTHENTICATE PLAIN$");
        server.send("AUTHENTICATE +");
        assertEquals("AUTHENTICATE YW5uYQBhbm5hAHNlc2FtZQ==", server.expect("^AUTHENTICATE"));
        server.send(
                ":irc.test 900 * a!a@h anna :You are now logged in",
                ":irc.test 903 * :SASL authentication successful");
        server.expect("^CAP END");
    }

    @Test
    void given_sasl_external_when_offered_then_the_certificate_speaks() {
        var wish = new Wish();
        wish.sasl = new SaslSettings(Mechanism.EXTERNAL, "", Optional.empty(), true);
        wish(wish);
        accept();
        server.expect("^USER");
        server.send(":irc.test CAP * LS :sasl");
        server.send(":irc.test CAP * ACK :sasl");
        server.expect("^AUTHENTICATE EXTERNAL$");
        server.send("AUTHENTICATE +");
        server.expect("^AUTHENTICATE \\+$");
        server.send(":irc.test 903 * :ok");
        server.expect("^CAP END");
    }

    @Test
    void given_required_sasl_when_the_password_is_wrong_then_gives_up_and_says_so()
            throws InterruptedException {
        var wish = new Wish();
        wish.sasl =
                new SaslSettings(Mechanism.PLAIN, "anna", Optional.of(new Secret("wrong")), true);
        wish(wish);
        accept();
        server.expect("^USER");
        server.send(":irc.test CAP * LS :sasl=PLAIN", ":irc.test CAP * ACK :sasl");
        server.send("AUTHENTICATE +", ":irc.test 904 * :SASL authentication failed");

        await().until(() -> channel.status().trouble().startsWith("SASL failed"));
        assertFalse(server.isCalledWithin(Duration.ofMillis(500)));
        assertFalse(channel.status().trouble().contains("wrong"));
    }

    @Test
    void given_required_sasl_when_not_offered_then_never_joins_anonymously() {
        var wish = new Wish();
        wish.sasl = new SaslSettings(Mechanism.PLAIN, "anna", Optional.of(new Secret("x")), true);
        wish(wish);
        accept();
        server.expect("^USER");
        server.send(":irc.test 421 * CAP :Unknown command", ":irc.test 001 ss|anna :Welcome");

        await().until(() -> channel.status().trouble().contains("without SASL"));
        accept().expect("^CAP LS");
    }

    @Test
    void given_password_key_and_nickserv_when_connecting_then_each_in_its_place() {
        var wish = new Wish();
        wish.password = Optional.of(new Secret("door word"));
        wish.key = Optional.of(new Secret("k3y"));
        wish.nickServ =
                Optional.of(
                        new IrcSettings.NickServSettings("NickServ", "anna", new Secret("sesame")));
        wish(wish);
        accept();
        assertEquals("PASS :door word", server.expect("^PASS"));
        server.welcome("ss|anna");
        assertEquals("PRIVMSG NickServ :IDENTIFY anna sesame", server.expect("IDENTIFY"));
        server.send(":NickServ!s@services NOTICE ss|anna :You are now identified.");
        assertEquals("JOIN #usenet k3y", server.expect("^JOIN"));
    }

    @Test
    void given_a_channel_that_filters_ctcp_then_generation_2_goes_plain_and_is_heard_plain() {
        joined("ben");
        channel.send(null, new PeerMessage.Yield(3));
        server.expect("\u0001SSMSG 2 5");
        server.send(":irc.test 404 ss|anna #usenet :Can't send CTCP to channel (+C set)");
        assertEquals("PRIVMSG #usenet :SSMSG 2 5 {\"t\":3}", server.expect("SSMSG"));
        channel.send(null, new PeerMessage.Bye(0));
        assertEquals("PRIVMSG #usenet :SSMSG 2 7 {\"t\":0}", server.expect("SSMSG"));

        server.send(":ben!b@h PRIVMSG #usenet :SSMSG 2 5 {\"t\":4}");

        assertEquals(new TurnEvent.Heard("ben", false, new PeerMessage.Yield(4)), take());
    }

    private void joinedWithTags(String others) {
        accept().welcomeWithTags("ss|anna").admit("ss|anna", others);
        next(TurnEvent.Joined.class);
    }

    private void hello(String nick, String more) {
        server.send(
                ":"
                        + nick
                        + "!b@h PRIVMSG #usenet :\u0001SSMSG 2 1 {\"o\":\"o\",\"v\":\"1\",\"g\":2,"
                        + "\"b\":\"b"
                        + nick
                        + "\",\"p\":\"fifo\",\"s\":false"
                        + more
                        + "}\u0001");
        assertEquals(nick, next(TurnEvent.Heard.class).from());
    }

    private static final String HEARS_TAGS = ",\"m\":1";

    private static PeerMessage ownHello() {
        return new PeerMessage.Hello("anna", "1", 2, BOOT, "fifo", false);
    }

    @Test
    void given_a_secret_when_greeting_one_whose_boot_id_is_not_known_then_all_are_greeted_once() {
        var wish = new Wish();
        wish.peers =
                new PeerSettings(List.of(new Secret("0123456789abcdef0123456789abcdef")), true);
        wish(wish);
        joined("ben carl");

        channel.send("ben", ownHello());
        channel.send("carl", ownHello());
        channel.send(null, new PeerMessage.Bye(0));

        server.expect("^PRIVMSG #usenet :\u0001SSMSG 2 1 \\{.*} \\S{4} \\d+ \\S{22}\u0001$");
        assertTrue(server.expect("SSMSG").startsWith("PRIVMSG #usenet :\u0001SSMSG 2 7 "));
    }

    @Test
    void given_tags_then_hello_says_so_and_the_talk_shows_nowhere_while_all_hear_it() {
        joinedWithTags("ben carl");
        channel.send(null, ownHello());
        server.expect("^PRIVMSG #usenet :\u0001SSMSG 2 1 .*\"m\":1}\u0001$");
        hello("ben", HEARS_TAGS);
        channel.send(null, new PeerMessage.Yield(3));
        channel.send("ben", new PeerMessage.Yield(4));
        channel.send(null, new PeerMessage.LegacyYield());
        assertEquals(
                "@+svcshare.org/msg=SSMSG\\s2\\s5\\s{\"t\":3} TAGMSG #usenet",
                server.expect("SSMSG"));
        server.expect("^@\\S+:4} TAGMSG ben$");
        server.expect("^PRIVMSG #usenet :\u0001SS_YIELD\u0001$");

        hello("carl", "");
        channel.send(null, new PeerMessage.Yield(5));
        channel.send("ben", new PeerMessage.Yield(6));
        server.expect("^PRIVMSG #usenet :\u0001SSMSG 2 5 \\{\"t\":5}\u0001$");
        server.expect("^@\\S+:6} TAGMSG ben$");

        server.send(":CARL!c@h NICK dora", ":dora!c@h PART #usenet", ":dora!c@h JOIN #usenet");
        next(TurnEvent.MemberJoined.class);
        channel.send(null, new PeerMessage.Yield(7));
        server.expect("^@\\S+:7} TAGMSG #usenet$");
    }

    @Test
    void given_no_tags_on_our_connection_then_hello_says_nothing_and_all_goes_as_ctcp() {
        joined("ben");
        hello("ben", HEARS_TAGS);
        channel.send(null, ownHello());
        channel.send(null, new PeerMessage.Yield(3));

        assertFalse(server.expect("SSMSG 2 1").contains("\"m\""));
        server.expect("^PRIVMSG #usenet :\u0001SSMSG 2 5");
    }

    @Test
    void given_a_message_in_a_tag_then_heard_once_and_other_tags_are_not() {
        joinedWithTags("ben");
        server.send(
                "@+typing=active :ben!b@h TAGMSG #usenet",
                "@+svcshare.org/msg=SS_YIELD :ben!b@h TAGMSG #usenet",
                "@+svcshare.org/msg=ss|anna:\\spause :ben!b@h TAGMSG #usenet",
                "@svcshare.org/msg=SSMSG\\s2\\s5\\s{\"t\":1} :ben!b@h TAGMSG #usenet",
                "@+svcshare.org/msg=SSMSG\\s2\\s5\\s{\"t\":2} :ben!b@h TAGMSG #other",
                "@+svcshare.org/msg=SSMSG\\s2\\s5\\s{\"t\":3} :ss|anna!b@h TAGMSG #usenet",
                "@+svcshare.org/msg=SSMSG\\s2\\s5\\s{\"t\":4} :eve!e@h TAGMSG ss|anna",
                "@+svcshare.org/msg=SSMSG\\s2\\s5\\s{\"t\":-5} :ben!b@h TAGMSG #usenet",
                "@+svcshare.org/msg=SSMSG\\s2\\s5\\s{\"t\":6} :ben!b@h PRIVMSG #usenet"
                        + " :\u0001SSMSG 2 5 {\"t\":6}\u0001",
                "@time=x;+svcshare.org/msg=SSMSG\\s2\\s5\\s{\"t\":7} :ben!b@h TAGMSG #UseNet",
                "@+svcshare.org/msg=SSMSG\\s2\\s5\\s{\"t\":8} :ben!b@h TAGMSG ss|anna");

        assertEquals(new TurnEvent.Heard("ben", false, new PeerMessage.Yield(6)), take());
        assertEquals(new TurnEvent.Heard("ben", false, new PeerMessage.Yield(7)), take());
        assertEquals(new TurnEvent.Heard("ben", true, new PeerMessage.Yield(8)), take());
        await().until(() ->
                channel.status().rejected().equals(Map.of("not-in-channel", 1L, "member-t", 1L)));
        server.expectNothingLike("^(NOTICE|PRIVMSG)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "421 ss|anna TAGMSG :Unknown command",
                "404 ss|anna #usenet :Cannot send to channel",
                "FAIL TAGMSG NOT_HERE #usenet :No tags"
            })
    void given_a_server_that_refuses_tags_then_the_latest_again_as_ctcp_and_so_on(String refusal) {
        joinedWithTags("ben");
        hello("ben", HEARS_TAGS);
        channel.send(null, new PeerMessage.Yield(3));
        channel.send(null, new PeerMessage.Bye(3));
        server.expect("^@\\S+ TAGMSG #usenet");
        server.expect("^@\\S+ TAGMSG #usenet");
        String answer = refusal.startsWith("FAIL") ? refusal : ":irc.test " + refusal;
        server.send(answer, answer);

        server.expect("^PRIVMSG #usenet :\u0001SSMSG 2 5");
        server.expect("^PRIVMSG #usenet :\u0001SSMSG 2 7");
        server.expectNothingLike("SSMSG");
        channel.send(null, new PeerMessage.Released(3, 0));
        server.expect("^PRIVMSG #usenet :\u0001SSMSG 2 6");
        assertEquals("", channel.status().trouble());
    }

    @Test
    void given_a_capability_taken_away_then_hello_is_said_again_without_it() {
        joinedWithTags("ben");
        channel.send(null, ownHello());
        server.expect("SSMSG 2 1 .*\"m\":1}");
        hello("ben", HEARS_TAGS);
        server.send(":irc.test CAP ss|anna DEL :message-tags");

        assertFalse(server.expect("^PRIVMSG #usenet :\u0001SSMSG 2 1").contains("\"m\""));
        channel.send(null, new PeerMessage.Yield(3));
        server.expect("^PRIVMSG #usenet :\u0001SSMSG 2 5");
    }

    @Test
    void given_a_bots_channel_then_generation_2_goes_there_and_generation_1_does_not() {
        var wish = new Wish();
        wish.botChannel = Optional.of("#bots");
        wish(wish);
        accept().welcome("ss|anna");
        server.send(":ss|anna!b@h JOIN #bots");
        server.admit("ss|anna", "ben");
        next(TurnEvent.Joined.class);
        channel.send(null, new PeerMessage.LegacyYield());
        channel.send(null, new PeerMessage.Yield(3));

        server.expect("^PRIVMSG #usenet :\u0001SS_YIELD\u0001$");
        server.expect("^PRIVMSG #bots :\u0001SSMSG 2 5");
    }

    @Test
    void given_a_flood_of_wishes_then_lines_are_spaced_and_a_ping_is_answered_at_once() {
        var wish = new Wish();
        wish.burst = 3;
        wish.interval = Duration.ofSeconds(5);
        wish(wish);
        joined("ben");
        for (int i = 0; i < 500; i++) {
            channel.say(null, "chatter " + i, Weight.CHATTER);
        }
        server.send("PING :now");

        server.expect("^PONG :now");
        await().until(() -> channel.status().waiting() > 100);
        assertTrue(channel.status().waiting() <= Outbox.MAX_WAITING);
    }

    @Test
    void given_a_text_with_line_breaks_then_it_is_one_line() {
        joined("ben");
        channel.say("ben", "item x\r\nQUIT :gone\u0000\u0001", Weight.ANSWER);

        assertEquals("PRIVMSG ben :item x  QUIT :gone", server.expect("item x"));
    }

    @Test
    void given_a_long_answer_then_every_line_fits_with_our_prefix_and_no_character_breaks() {
        joined("ben");
        channel.say("ben", "ünïcödé wörds ".repeat(100), Weight.ANSWER);

        int most = 512 - 2 - ":ss|anna!bot@bot.host ".length();
        for (int i = 0; i < 4; i++) {
            String line = server.expect("^PRIVMSG ben");
            assertTrue(line.getBytes(UTF_8).length <= most, line);
            assertFalse(line.contains("\ufffd"), line);
            assertTrue(
                    line.matches(
                            "PRIVMSG ben :"
                                    + (i == 0 ? "" : "… ")
                                    + "(ünïcödé wörds ?|wörds |ünïcödé$)+"),
                    line);
        }
    }

    @Test
    void given_an_answer_with_a_command_in_it_when_it_is_cut_there_then_no_line_is_one() {
        joined("ben");
        channel.say(null, "pool is held by " + "x ben: force 900, ".repeat(80), Weight.ANSWER);

        String first = server.expect("^PRIVMSG #usenet :pool is held");
        for (int i = 0; i < 2; i++) {
            String line = server.expect("^PRIVMSG #usenet :");
            assertTrue(line.startsWith("PRIVMSG #usenet :… "), first + "\n" + line);
            String said = line.substring(line.indexOf(':') + 1);
            assertEquals(
                    new Spoken.NotForUs(),
                    CommandParser.parse(said, false, "ben", Casemapping.RFC1459),
                    said);
        }
    }

    @Test
    void given_commands_then_asked_with_where_the_question_came_from() {
        joined("ben");
        server.send(
                ":ben!b@h PRIVMSG #usenet :SS\\ANNA: \u0002force\u0002 1.5g",
                ":ben!b@h PRIVMSG ss|anna :halt 2h",
                ":ben!b@h PRIVMSG #usenet :.status",
                ":ben!b@h NOTICE ss|anna :pause",
                ":ben!b@h NOTICE #usenet :ss|anna: pause",
                ":eve!e@h PRIVMSG ss|anna :pause");

        assertEquals(new TurnEvent.Asked(new Asker("ben", false), new Command.Force(1536)), take());
        assertEquals(
                new TurnEvent.Asked(new Asker("ben", true), new Command.Halt(Duration.ofHours(2))),
                take());
        assertEquals(
                new TurnEvent.Asked(new Asker("ben", false), new Command.Status(true)), take());
        server.expect("^NOTICE eve :Commands are for people in the channel");
        server.expectNothingLike("ben");
        assertEquals(0, events.size());
    }

    @Test
    void D12_given_a_private_command_then_the_asker_is_named_so_that_the_answer_finds_him() {
        joined("ben");
        server.send(":ben!b@h PRIVMSG ss|anna :election");

        assertEquals(new TurnEvent.Asked(new Asker("ben", true), new Command.Election()), take());
    }

    @Test
    void D11_given_an_owner_by_account_when_a_stranger_has_the_nick_then_refused_once() {
        var wish = new Wish();
        wish.commands = new CommandSettings("anna", List.of("account:anna"), Map.of());
        wish(wish);
        joined("anna ben");
        server.send(
                ":anna!x@evil PRIVMSG ss|anna :enqueue 1",
                ":anna!x@evil PRIVMSG ss|anna :enqueue 2",
                ":irc.test 354 ss|anna 152 #usenet b host ben H anna",
                ":ben!b@h PRIVMSG ss|anna :enq 3");

        assertEquals(
                new TurnEvent.Asked(
                        new Asker("ben", true, "anna"), new Command.Enqueue(List.of("3"))),
                take());
        server.expect("^NOTICE anna :You may not");
        server.expectNothingLike("^NOTICE anna");
    }

    @Test
    void D19_given_nonsense_amounts_then_one_clear_notice_and_nothing_done() {
        joined("ben");
        server.send(
                ":ben!b@h PRIVMSG #usenet :ss|anna: force -5",
                ":ben!b@h PRIVMSG #usenet :ss|anna: halt abc");

        server.expect("^NOTICE ben :\"-5\" is no size");
        server.expect("^NOTICE ben :\"abc\" is no time");
        assertEquals(0, events.size());
    }

    @Test
    void given_a_typo_then_one_hint_to_people_and_none_to_bots() {
        joined("ben robot");
        server.send(
                ":ben!b@h PRIVMSG #usenet :ss|anna: pasue",
                ":ben!b@h PRIVMSG #usenet :ss|anna: pasue",
                "@bot :robot!r@h PRIVMSG #usenet :ss|anna: pasue");

        server.expect("^NOTICE ben :.*did you mean \"pause\"");
        server.expectNothingLike("^(NOTICE|PRIVMSG)");
    }

    @Test
    void given_ctcp_questions_then_answered_by_notice_at_a_low_rate() {
        joined("ben");
        server.send(
                ":ben!b@h PRIVMSG ss|anna :\u0001PING 12 34\u0001",
                ":ben!b@h PRIVMSG ss|anna :\u0001PING 12 35\u0001",
                ":ben!b@h PRIVMSG ss|anna :\u0001DANCE\u0001");

        assertEquals("NOTICE ben :\u0001PING 12 34\u0001", server.expect("^NOTICE"));
        server.expectNothingLike("^(NOTICE|PRIVMSG)");
    }

    @Test
    void given_help_and_whoami_then_answered_here() {
        joined("@ben");
        server.send(
                ":ben!b@h PRIVMSG #usenet :ss|anna: help force",
                ":ben!b@h PRIVMSG ss|anna :whoami",
                ":ben!b@h PRIVMSG ss|anna :help");

        server.expect("^PRIVMSG #usenet :force \\[size\\]");
        server.expect("^PRIVMSG ben :You are ben!b@h, not logged in, operator");
        for (CommandWord word : CommandWord.values()) {
            server.expect("^PRIVMSG ben :" + word.word());
        }
    }

    @Test
    void given_our_own_lines_echoed_then_nobody_is_heard() {
        joined("ben");
        server.send(
                ":ss|anna!b@h PRIVMSG #usenet :\u0001SS_YIELD\u0001",
                ":SS\\ANNA!b@h PRIVMSG #usenet :ss|anna: pause",
                ":ben!b@h PRIVMSG #usenet :\u0001SS_YIELD\u0001");

        assertEquals(new TurnEvent.Heard("ben", false, new PeerMessage.LegacyYield()), take());
    }

    @Test
    void given_a_netsplit_when_peers_quit_and_come_back_then_each_is_told() {
        joined("ben carl");
        server.send(
                ":ben!b@h QUIT :*.net *.split",
                ":carl!c@h QUIT :*.net *.split",
                ":ben!b@h JOIN #usenet");

        assertEquals(new TurnEvent.MemberLeft("ben"), take());
        assertEquals(new TurnEvent.MemberLeft("carl"), take());
        assertEquals(new TurnEvent.MemberJoined("ben"), take());
    }

    @Test
    void given_leaving_then_what_waits_is_sent_and_quit_said() {
        joined("ben");
        channel.send(null, new PeerMessage.Bye(3));
        var leaving = Thread.ofVirtual().start(() -> channel.leave("bye", Duration.ofSeconds(5)));
        server.expect("SSMSG 2 7");
        assertEquals("QUIT :bye", server.expect("^QUIT"));
        server.cut();

        await().until(() -> !leaving.isAlive());
        assertFalse(channel.status().joined());
    }

    @Test
    void given_no_server_when_connecting_then_says_so_and_keeps_trying() throws IOException {
        var anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        // Bound and not listening: refused, and nobody else gets the port meanwhile.
        try (var closed = SocketChannel.open().bind(anyPort)) {
            var wish = new Wish();
            wish.port = closed.socket().getLocalPort();
            wish(wish);
            start();

            await().until(() -> channel.status().reconnects() >= 2);
            assertFalse(channel.status().trouble().isEmpty());
        }
    }
}
