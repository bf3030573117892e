package org.svcshare.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.client.ClientProgram;
import org.svcshare.client.ClientPrograms;
import org.svcshare.client.PausedItems;
import org.svcshare.config.Settings;
import org.svcshare.daemon.Daemon;

/// What svcshare was made for: NZBGet loads from a news server (INN) through the gate, and a person
/// says when.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class NewsDownloadIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int SIZE_BYTES = 6_000_000;
    private static final int SPEED_KB = 800;

    @TempDir private Path folder;

    @Test
    void given_nzbget_behind_the_gate_when_forced_halted_and_forced_then_the_file_is_whole()
            throws Exception {
        byte[] payload = new byte[SIZE_BYTES];
        new Random(4711).nextBytes(payload);
        try (var ngircd = Ngircd.start(folder);
                var news = NewsServer.start(folder);
                var boss = IrcUser.connect(ngircd.port, "boss", "")) {
            Path nzb = news.post("payload.bin", payload, folder.resolve("payload.nzb"));
            boss.say("JOIN #usenet");
            boss.expect(" 366 ");
            int control = RealPart.freePort();
            var bot =
                    new BotFolder(
                            folder,
                            "ss-boss",
                            "127.0.0.1:" + ngircd.port,
                            news.readPort(),
                            """
                            client {
                              type = nzbget
                              url = "http://127.0.0.1:%d"
                              user = user
                              password = secret
                            }
                            turn.auto-resume = false
                            """
                                    .formatted(control));
            Settings settings = bot.settings();
            Path home = Files.createDirectories(folder.resolve("nzbget"));
            try (var nzbget = nzbget(home, control, bot.gatePort);
                    var client = ClientPrograms.open(settings.client(), new NothingKept());
                    var _ = Daemon.start(settings)) {
                boss.expect(":ss-boss!\\S+ JOIN ");
                await("paused by the bot").atMost(LIMIT).until(() -> paused(client));
                add(home, nzb);
                await("the queue is known")
                        .atMost(LIMIT)
                        .until(() -> boss.ask("ss-boss", "queue").startsWith("5 MB + 0 MB"));
                double before = client.snapshot().totalMb();
                assertTrue(client.snapshot().paused());
                assertEquals(0, downloadedMb(home), "nothing loads while the gate is shut");

                boss.say("PRIVMSG #usenet :ss-boss: force 5");
                boss.expect(":ss-boss!\\S+ PRIVMSG #usenet :Resuming\\. Forced allotment: 5 MB\\.");
                await("it loads")
                        .atMost(LIMIT)
                        .until(() -> client.snapshot().totalMb() < before - 0.8);
                assertTrue(bot.gateOpen());
                assertEquals(false, client.snapshot().paused());

                boss.say("PRIVMSG #usenet :ss-boss: halt");
                boss.expect(":ss-boss!\\S+ PRIVMSG #usenet :Halting indefinitely\\.");
                await("shut").atMost(LIMIT).until(() -> !bot.gateOpen() && paused(client));
                await("cut")
                        .atMost(LIMIT)
                        .until(() -> boss.ask("ss-boss", "status").contains("(0 conn, halted)"));
                double cut = client.snapshot().totalMb();
                assertTrue(cut > 0.5, "it was in mid-download: " + cut + " MB left");

                boss.say("PRIVMSG #usenet :ss-boss: force 10");
                boss.expect(":ss-boss!\\S+ PRIVMSG #usenet :Resuming\\. Forced allotment: ");
                Path file = home.resolve("dst/payload/payload.bin");
                await("the file is there")
                        .atMost(LIMIT)
                        .failFast("nzbget has ended", () -> !nzbget.alive())
                        .until(() -> Files.exists(file) && Files.size(file) == SIZE_BYTES);
                assertEquals(sha256(payload), sha256(Files.readAllBytes(file)));
                boss.expect(
                        ":ss-boss!\\S+ PRIVMSG #usenet :0 connections\\. \\[\\d+ MB in \\d+m\\d+s");
            }
        }
    }

    /// NZBGet has a pause of its own, so there is nothing to keep.
    private static final class NothingKept implements PausedItems {
        @Override
        public Set<String> load() {
            return Set.of();
        }

        @Override
        public void save(Set<String> ids) {
            throw new IllegalStateException("not for NZBGet: " + ids);
        }
    }

    private static boolean paused(ClientProgram client) throws Exception {
        return client.snapshot().paused();
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }

    /// What lies in the folder of unfinished files.
    private static long downloadedMb(Path home) throws IOException {
        Path unfinished = home.resolve("inter");
        if (!Files.exists(unfinished)) {
            return 0;
        }
        try (var files = Files.walk(unfinished)) {
            return files.filter(Files::isRegularFile).mapToLong(f -> f.toFile().length()).sum()
                    / 1_000_000;
        }
    }

    private static RealPart nzbget(Path home, int control, int gate) throws IOException {
        Path program = RealPart.find("nzbget");
        Files.writeString(
                home.resolve("nzbget.conf"),
                """
                MainDir=%s
                DestDir=${MainDir}/dst
                InterDir=${MainDir}/inter
                NzbDir=${MainDir}/nzb
                QueueDir=${MainDir}/queue
                TempDir=${MainDir}/tmp
                WebDir=
                ConfigTemplate=
                ControlIP=127.0.0.1
                ControlPort=%d
                ControlUsername=user
                ControlPassword=secret
                OutputMode=log
                AppendCategoryDir=no
                Server1.Active=yes
                Server1.Level=0
                Server1.Host=127.0.0.1
                Server1.Port=%d
                Server1.Encryption=no
                Server1.Connections=4
                Server1.JoinGroup=no
                ArticleRetries=30
                ArticleInterval=1
                DownloadRate=%d
                Unpack=no
                DiskSpace=0
                """
                        .formatted(home, control, gate, SPEED_KB));
        return RealPart.start(
                home,
                Map.of("HOME", home.toString()),
                List.of(program.toString(), "-c", home.resolve("nzbget.conf").toString(), "-s"));
    }

    private static void add(Path home, Path nzb) throws IOException, InterruptedException {
        var adding =
                new ProcessBuilder(
                                RealPart.find("nzbget").toString(),
                                "-c",
                                home.resolve("nzbget.conf").toString(),
                                "-A",
                                nzb.toString())
                        .redirectErrorStream(true)
                        .start();
        String printed = new String(adding.getInputStream().readAllBytes(), ISO_8859_1);
        assertEquals(0, adding.waitFor(), printed);
    }
}
