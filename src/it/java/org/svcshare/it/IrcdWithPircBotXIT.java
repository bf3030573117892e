package org.svcshare.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.pircbotx.Configuration;
import org.pircbotx.PircBotX;
import org.pircbotx.cap.SASLCapHandler;
import org.pircbotx.hooks.Event;
import org.pircbotx.hooks.ListenerAdapter;
import org.pircbotx.hooks.events.MessageEvent;
import org.pircbotx.hooks.events.UnknownEvent;
import org.svcshare.ircd.Ircd;

/// The embedded IRC server with the library that our bots use.
class IrcdWithPircBotXIT {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final class Bot extends ListenerAdapter implements AutoCloseable {
        final List<Event> events = new CopyOnWriteArrayList<>();
        final PircBotX irc;
        final Thread thread;

        Bot(Ircd ircd, String nick, boolean login) {
            var configuration =
                    new Configuration.Builder()
                            .setName(nick)
                            .setLogin(nick)
                            .addServer(ircd.listening().host(), ircd.listening().port())
                            .setMessageDelay(0)
                            .setCapEnabled(true)
                            .addListener(this)
                            .addAutoJoinChannel("#usenet");
            if (login) {
                configuration.addCapHandler(new SASLCapHandler("alice", "wonder land"));
            }
            irc = new PircBotX(configuration.buildConfiguration());
            thread = Thread.ofVirtual().start(this::run);
            await().atMost(PATIENCE).until(() -> irc.getUserBot().getChannels().size() == 1);
        }

        private void run() {
            try {
                irc.startBot();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void onEvent(Event event) {
            events.add(event);
        }

        boolean heard(String text) {
            return events.stream()
                    .anyMatch(event ->
                            event instanceof MessageEvent said && said.getMessage().equals(text));
        }

        boolean sawUnknown(String part) {
            return events.stream()
                    .anyMatch(event ->
                            event instanceof UnknownEvent unknown
                                    && unknown.toString().contains(part));
        }

        @Override
        public void close() {
            irc.stopBotReconnect();
            irc.send().quitServer("done");
            await().atMost(PATIENCE).until(() -> !thread.isAlive());
        }
    }

    @Test
    void given_two_bots_then_they_see_each_other_talk_and_send_ctcp() throws Exception {
        try (var ircd = Ircd.start(IrcdWithIrssiIT.settings());
                var one = new Bot(ircd, "ss|one", true)) {
            try (var two = new Bot(ircd, "ss|two", false)) {
                var channel = one.irc.getUserChannelDao().getChannel("#usenet");
                await().atMost(PATIENCE).until(() -> channel.getUsers().size() == 2);
                assertEquals(
                        List.of("ss|one"),
                        channel.getOps().stream().map(user -> user.getNick()).toList());
                assertEquals("TestNet", two.irc.getServerInfo().getNetwork());

                one.irc.send().message("#usenet", "hello two");
                await().atMost(PATIENCE).until(() -> two.heard("hello two"));
                two.irc.send().ctcpCommand("#usenet", "SS_ANNOUNCE");
                await().atMost(PATIENCE).until(() -> one.sawUnknown("SS_ANNOUNCE"));
                assertFalse(one.heard("hello two"), "no echo without the capability");
            }
            var channel = one.irc.getUserChannelDao().getChannel("#usenet");
            await().atMost(PATIENCE).until(() -> channel.getUsers().size() == 1);
            assertTrue(one.irc.isConnected());
        }
    }
}
