package org.svcshare.it;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two bots that are nodes of one group, and a third node: their gates open under a pool of it.
@DisplayNameGeneration(ReplaceUnderscores.class)
class GroupGuardIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final String ANNA = "ss-anna";
    private static final String BEN = "ss-ben";

    @TempDir private Path folder;

    private final List<AutoCloseable> parts = new ArrayList<>();
    private final List<String> order = new ArrayList<>();
    private final GatePump anna = part(new GatePump(ANNA, order));
    private final GatePump ben = part(new GatePump(BEN, order));
    private final String peers =
            IntStream.range(1, 4)
                    .mapToObj(i -> "\"n" + i + "=127.0.0.1:" + RealPart.twoFreePorts() + "\"")
                    .collect(Collectors.joining(", ", "cluster.peers = [", "]\n"));

    private <T extends AutoCloseable> T part(T part) {
        parts.add(part);
        return part;
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable part : parts.reversed()) {
            part.close();
        }
    }

    private BotFolder bot(String nick, String node, int irc, GatePump pump) {
        return new BotFolder(
                folder,
                nick,
                "127.0.0.1:" + irc,
                pump.service.port(),
                """
                pools.engine = cluster
                cluster.node = %s
                %s
                turn {
                  guard = "pool:uplink"
                  guard-ttl = 8s
                  election-timeout = 1s
                  handover-timeout = 1s
                }
                """
                        .formatted(node, peers));
    }

    private Svcshare run(BotFolder bot) throws Exception {
        return part(Svcshare.start(bot.folder, Map.of(), "run", "-c", bot.config().toString()));
    }

    private static void until(String what, Callable<Boolean> is) {
        await(what).atMost(LIMIT).pollInterval(Duration.ofMillis(20)).until(is);
    }

    @Test
    void given_gates_under_a_pool_of_a_group_when_nodes_die_then_one_is_open_and_it_goes_on()
            throws Exception {
        int irc = part(Ngircd.start(folder)).port;
        IrcUser boss = part(IrcUser.connect(irc, "boss", ""));
        boss.say("JOIN #usenet");
        boss.expect(" 366 ");
        BotFolder first = bot(ANNA, "n1", irc, anna);
        BotFolder second = bot(BEN, "n2", irc, ben);
        HttpClient client = part(HttpClient.newHttpClient());
        GroupNode third = part(new GroupNode(client, folder, "n3", peers)).start();
        Svcshare annas = run(first);
        Svcshare bens = run(second);
        annas.logs("in #usenet as");
        bens.logs("in #usenet as");
        third.awaitReady();
        try (var watch = new OpenGatesWatch(List.of(first, second), Map.of())) {
            anna.start(first);
            ben.start(second);
            first.queue(10);
            second.queue(20);
            boss.say("PRIVMSG #usenet :" + ANNA + ": force 5");
            until("bytes through the first gate", () -> anna.heard() > 20);

            third.process().kill();
            long before = anna.heard();
            until("bytes go on", () -> anna.heard() > before + 200);
            assertFalse(second.gateOpen());
            third.start();
            third.awaitReady();

            annas.kill();
            boss.say("PRIVMSG #usenet :" + BEN + ": force 5");
            until("bytes through the second gate", () -> ben.heard() > 20);
            assertEquals(List.of(), watch.violations());
        }
        assertEquals(List.of(ANNA, BEN), order);
    }
}
