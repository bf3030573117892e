package org.svcshare.irc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.config.CommandSettings;
import org.svcshare.config.Endpoint;
import org.svcshare.config.IrcSettings;
import org.svcshare.config.IrcSettings.SaslSettings;
import org.svcshare.config.PeerSettings;
import org.svcshare.config.TlsSettings;
import org.svcshare.turn.TurnEvent;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(30)
class StsTest {
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private static IrcSettings settings(String host, int port, Optional<String> pin) {
        return new IrcSettings(
                new Endpoint(host, port),
                new TlsSettings(
                        false,
                        true,
                        pin,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()),
                "anna",
                "anna",
                "a bot",
                "#usenet",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                SaslSettings.NONE,
                Optional.empty(),
                false,
                Duration.ofSeconds(2),
                Duration.ofMillis(20),
                Duration.ofMillis(200),
                Duration.ofMillis(50),
                Duration.ofMillis(50),
                Duration.ofSeconds(20),
                Duration.ofSeconds(5),
                100,
                Duration.ofMillis(1),
                false);
    }

    private final Sts sts = new Sts(settings("irc.example.net", 6667, Optional.empty()));

    private Endpoint server(long nanos) {
        return sts.settings(nanos).server();
    }

    @Test
    void given_a_port_when_told_in_the_open_then_tls_there_until_the_server_takes_it_back() {
        assertTrue(sts.told("duration=5,port=6697,preload", false));
        assertEquals(new Endpoint("irc.example.net", 6697), server(0));
        assertTrue(sts.settings(0).tls().enabled());
        assertTrue(sts.settings(0).tls().verify());

        sts.closed(0);
        assertEquals(6697, server(1000 * SECOND).port());
        assertFalse(sts.told("duration=0,port=1", true));
        sts.closed(2000 * SECOND);
        assertEquals(6667, server(2000 * SECOND + 1).port());
    }

    @Test
    void given_a_duration_then_it_counts_from_the_end_of_the_last_secure_connection() {
        sts.told("port=6697", false);
        sts.told("duration=60", true);
        assertEquals(6697, server(500 * SECOND).port());
        sts.closed(1000 * SECOND);
        assertEquals(6697, server(1059 * SECOND).port());

        // A connection that failed before the server spoke prolongs nothing.
        sts.closed(1059 * SECOND);
        assertEquals(6667, server(1061 * SECOND).port());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "port",
                "port=",
                "port=0",
                "port=-1",
                "port=6697x",
                "duration=60",
                "support=6697",
                "port=99999999999999999999"
            })
    void given_nothing_usable_then_as_if_nothing_was_said(String value) {
        assertFalse(sts.told(value, false));
        assertEquals(6667, server(0).port());
    }

    @Test
    void given_a_server_on_this_machine_then_stays_plain() {
        assertFalse(
                new Sts(settings("localhost", 6667, Optional.empty())).told("port=6697", false));
    }

    @Test
    void given_a_server_that_wants_tls_then_nothing_more_is_said_in_the_open(@TempDir Path folder)
            throws Exception {
        Keys keys = keys(folder);
        var events = new LinkedBlockingQueue<TurnEvent>();
        try (var plain = new FakeServer();
                var secure = new FakeServer(keys.sockets());
                // Loopback by another name, so that it counts as a server elsewhere.
                var channel = channel(settings("127.1", plain.port(), Optional.of(keys.pin())))) {
            channel.start(events::add);
            plain.accept().expect("^USER");
            plain.send(":irc.test CAP * LS :multi-prefix sts=port=" + secure.port());

            secure.accept().welcome("anna");
            plain.expectEnd();
            secure.admit("anna", "ben");
            joined(events);
            assertEquals("", channel.status().trouble());
            secure.cut();
            secure.accept().expect("^CAP LS");
            assertFalse(plain.isCalledWithin(Duration.ofMillis(300)));
        }
    }

    private static void joined(BlockingQueue<TurnEvent> events) throws InterruptedException {
        assertTrue(events.poll(10, TimeUnit.SECONDS) instanceof TurnEvent.Joined);
    }

    private static IrcChannel channel(IrcSettings settings) {
        return new IrcChannel(
                settings,
                PeerSettings.ANY,
                new CommandSettings("anna", List.of(), Map.of()),
                "00112233445566ff",
                InstantSource.system(),
                RandomGenerator.getDefault());
    }

    private record Keys(ServerSocketFactory sockets, String pin) {}

    private static Keys keys(Path folder) throws Exception {
        Path store = folder.resolve("own.p12");
        var command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                        "-genkeypair",
                        "-alias",
                        "irc",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=irc",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        new String(PASSWORD));
        Path said = folder.resolve("keytool.out");
        Process keytool =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile())
                        .start();
        assertEquals(0, keytool.waitFor(), Files.readString(said));
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD);
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD);
        var context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        byte[] certificate = keys.getCertificate("irc").getEncoded();
        return new Keys(
                context.getServerSocketFactory(),
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate)));
    }
}
