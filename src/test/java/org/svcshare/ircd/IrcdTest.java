package org.svcshare.ircd;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.config.Endpoint;

/// The server over real sockets, with clients that behave badly.
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class IrcdTest {
    private static final TestSettings PLAIN = TestSettings.plain();

    @Test
    void given_two_clients_then_they_talk_and_the_listener_hears_it() throws Exception {
        var told = new CopyOnWriteArrayList<String>();
        var listener =
                new IrcdListener() {
                    @Override
                    public void said(String channel, String nick, String text) {
                        told.add(channel + " " + nick + " " + text);
                        throw new IllegalStateException("a listener's failure");
                    }
                };
        try (var ircd = Ircd.start(PLAIN.ircd(), listener);
                var bob = RawClient.registered(ircd.listening(), "bob");
                var ann = RawClient.registered(ircd.listening(), "ann")) {
            bob.says("JOIN #a");
            bob.hearsUntil(" 366 ");
            ann.says("JOIN #a");
            ann.hearsUntil(" 366 ");
            ann.says("PRIVMSG #a :" + Wire.fromText("grüß Gott"), "PRIVMSG #a :again");
            assertEquals(
                    ":ann!ann@127.0.0.1 PRIVMSG #a :" + Wire.fromText("grüß Gott"),
                    bob.hearsUntil("PRIVMSG"));
            bob.hearsUntil("again");
            assertEquals(List.of("#a ann grüß Gott", "#a ann again"), told);
            assertEquals(2, ircd.clients());
            assertTrue(ircd.listening().port() > 0);
        }
    }

    @Test
    void given_a_client_that_goes_then_the_others_hear_and_it_is_not_counted() throws Exception {
        try (var ircd = Ircd.start(PLAIN.ircd());
                var bob = RawClient.registered(ircd.listening(), "bob")) {
            bob.says("JOIN #a");
            try (var ann = RawClient.registered(ircd.listening(), "ann")) {
                ann.says("JOIN #a");
                ann.hearsUntil(" 366 ");
            }
            assertEquals(":ann!ann@127.0.0.1 QUIT :Connection closed", bob.hearsUntil(" QUIT "));
            await().until(() -> ircd.clients() == 1);
        }
    }

    @Test
    void given_the_server_stops_then_clients_are_told_and_the_port_is_free() throws Exception {
        var ircd = Ircd.start(PLAIN.ircd());
        try (var bob = RawClient.registered(ircd.listening(), "bob")) {
            ircd.close();
            assertEquals(
                    "ERROR :Closing link: 127.0.0.1 (Server shutting down)",
                    bob.hearsToTheEnd().getFirst());
        }
        ircd.close();
        Ircd.start(PLAIN.withPort(ircd.listening().port()).ircd()).close();
    }

    @Test
    void given_a_taken_port_then_the_message_says_which_and_what_to_change() throws Exception {
        try (var taken = new ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            var settings = PLAIN.withPort(taken.getLocalPort()).ircd();
            var problem = assertThrows(IOException.class, () -> Ircd.start(settings));
            assertEquals(
                    "cannot listen for IRC on 127.0.0.1:"
                            + taken.getLocalPort()
                            + ": another program has the port (setting ircd.listen)",
                    problem.getMessage());
        }
    }

    @Test
    void given_an_oversized_line_then_417_and_the_next_line_counts() throws Exception {
        try (var ircd = Ircd.start(PLAIN.ircd());
                var bob = RawClient.registered(ircd.listening(), "bob")) {
            bob.says("PRIVMSG bob :" + "x".repeat(510));
            bob.hearsUntil(" 417 bob :Input line was too long");
            bob.says("@a=" + "x".repeat(5000) + " PING a");
            bob.hearsUntil(" 417 ");
            bob.says("PING " + "x".repeat(30_000));
            bob.hearsUntil(" 417 ");
            bob.says("@+a=" + "x".repeat(4090) + " PING :" + "y".repeat(504));
            assertTrue(bob.hearsUntil(" PONG ").endsWith("yyy"));
        }
    }

    @Test
    void given_bytes_without_a_line_end_then_the_connection_ends() throws Exception {
        try (var ircd = Ircd.start(PLAIN.ircd());
                var bob = RawClient.registered(ircd.listening(), "bob")) {
            bob.sends("x".repeat(100_000));
            assertEquals(
                    "ERROR :Closing link: 127.0.0.1 (Excess Flood)",
                    bob.hearsToTheEnd().getFirst());
            await().until(() -> ircd.clients() == 0);
        }
    }

    @Test
    void given_5000_lines_at_once_then_excess_flood_and_others_are_not_disturbed()
            throws Exception {
        var settings = PLAIN.withFlood(20, Duration.ofMillis(500)).ircd();
        try (var ircd = Ircd.start(settings);
                var bob = RawClient.registered(ircd.listening(), "bob");
                var ann = RawClient.registered(ircd.listening(), "ann")) {
            bob.sends("PING x\r\n".repeat(5000));
            var heard = bob.hearsToTheEnd();
            assertTrue(heard.size() < 40, () -> heard.size() + " lines were answered");
            ann.says("PING y");
            ann.hearsUntil("PONG irc.test :y");
            await().until(() -> ircd.clients() == 1);
        }
    }

    @Test
    void given_a_burst_within_the_bound_then_every_line_is_carried_out_in_order() throws Exception {
        var settings = PLAIN.withFlood(5, Duration.ofMillis(5)).ircd();
        try (var ircd = Ircd.start(settings);
                var bob = RawClient.registered(ircd.listening(), "bob")) {
            var burst = new StringBuilder();
            for (int i = 0; i < 100; i++) {
                burst.append("PING ").append(i).append("\r\n");
            }
            bob.sends(burst.toString());
            for (int i = 0; i < 100; i++) {
                assertEquals(":irc.test PONG irc.test :" + i, bob.hearsUntil("PONG"));
            }
        }
    }

    @Test
    void given_a_slow_reader_then_it_is_dropped_and_the_speaker_is_not() throws Exception {
        try (var ircd = Ircd.start(PLAIN.withFlood(1000, Duration.ZERO).ircd());
                var slow = RawClient.registered(ircd.listening(), "slow");
                var fast = RawClient.registered(ircd.listening(), "fast")) {
            slow.says("JOIN #a");
            slow.hearsUntil(" 366 ");
            fast.says("JOIN #a");
            fast.hearsUntil(" 366 ");
            var spam = new StringBuilder();
            for (int i = 0; i < 100; i++) {
                spam.append("PRIVMSG #a :").append("x".repeat(400)).append("\r\n");
            }
            for (int i = 0; i < 2000 && ircd.clients() == 2; i++) {
                fast.sends(spam.toString());
            }
            assertEquals(":slow!slow@127.0.0.1 QUIT :SendQ exceeded", fast.hearsUntil("QUIT"));
            fast.says("PING z");
            fast.hearsUntil("PONG irc.test :z");
            assertEquals(1, ircd.clients());
        }
    }

    @Test
    void given_half_open_connections_then_they_end_in_time() throws Exception {
        var settings =
                PLAIN.withTimeouts(
                                Duration.ofMillis(400),
                                Duration.ofMillis(400),
                                Duration.ofMillis(400))
                        .ircd();
        try (var ircd = Ircd.start(settings);
                var silent = new RawClient(ircd.listening());
                var mute = RawClient.registered(ircd.listening(), "mute")) {
            assertEquals(
                    "ERROR :Closing link: 127.0.0.1 (Registration timed out)",
                    silent.hearsToTheEnd().getLast());
            var heard = mute.hearsToTheEnd();
            assertEquals("PING :irc.test", heard.getFirst());
            assertTrue(heard.getLast().contains("(Ping timeout: "), heard::toString);
        }
    }

    @Test
    void given_binary_garbage_then_the_server_lives() throws Exception {
        try (var ircd = Ircd.start(PLAIN.ircd())) {
            var random = new Random(42);
            for (int i = 0; i < 20; i++) {
                try (var garbage = new RawClient(ircd.listening())) {
                    byte[] bytes = new byte[10_000];
                    random.nextBytes(bytes);
                    garbage.sends(new String(bytes, StandardCharsets.ISO_8859_1));
                } catch (IOException e) {
                    // It may well have been cut off.
                }
            }
            try (var bob = RawClient.registered(ircd.listening(), "bob")) {
                bob.says("PING still");
                bob.hearsUntil("PONG irc.test :still");
            }
            await().until(() -> ircd.clients() == 0);
        }
    }

    @Test
    void given_odd_line_ends_and_single_bytes_then_lines_are_lines() throws Exception {
        try (var ircd = Ircd.start(PLAIN.ircd());
                var bob = new RawClient(ircd.listening())) {
            bob.sends("\n\r\n\rNICK bob\nUSER b 0 * :b\r");
            bob.hearsUntil(" 376 ");
            for (char c : "PI\0NG a\0b\n".toCharArray()) {
                bob.sends(String.valueOf(c));
            }
            bob.hearsUntil("PONG irc.test :ab");
        }
    }

    @Test
    void given_a_password_and_an_account_then_both_work_over_the_wire() throws Exception {
        var settings = PLAIN.withPassword("se same").withAccount("alice", "wonder").ircd();
        try (var ircd = Ircd.start(settings);
                var al = new RawClient(ircd.listening());
                var thief = new RawClient(ircd.listening())) {
            al.says("PASS :se same", "CAP LS 302", "NICK al", "USER al 0 * :Al", "CAP REQ :sasl");
            al.hearsUntil("ACK");
            al.says("AUTHENTICATE PLAIN");
            al.hearsUntil("AUTHENTICATE +");
            String login = "\0alice\0wonder";
            al.says(
                    "AUTHENTICATE "
                            + Base64.getEncoder()
                                    .encodeToString(login.getBytes(StandardCharsets.UTF_8)));
            al.hearsUntil(" 903 ");
            al.says("CAP END");
            al.hearsUntil(" 001 ");
            thief.says("PASS guess", "NICK thief", "USER t 0 * :t");
            var heard = thief.hearsToTheEnd();
            assertTrue(heard.getFirst().contains(" 464 "), heard::toString);
            assertTrue(heard.get(1).startsWith("ERROR :"), heard::toString);
        }
    }

    @Test
    void given_a_full_server_then_the_next_connection_is_told() throws Exception {
        try (var ircd = Ircd.start(PLAIN.withMaxClients(1).ircd());
                var bob = RawClient.registered(ircd.listening(), "bob");
                var next = new RawClient(ircd.listening())) {
            assertEquals(
                    "ERROR :Closing link: 127.0.0.1 (Too many connections)",
                    next.hearsToTheEnd().getFirst());
            bob.says("PING a");
            bob.hearsUntil("PONG");
        }
    }

    @Test
    void given_tls_then_it_is_spoken_and_shown_and_plain_text_there_is_refused(@TempDir Path folder)
            throws Exception {
        Certificate certificate = certificate(folder);
        var settings = PLAIN.withTls(folder.resolve("chain.pem"), folder.resolve("key.pem")).ircd();
        try (var ircd = Ircd.start(settings)) {
            Endpoint tls = ircd.tlsListening().orElseThrow();
            Socket socket =
                    trusting(certificate).getSocketFactory().createSocket(tls.host(), tls.port());
            try (var bob = new RawClient(socket);
                    var confused = new RawClient(tls)) {
                bob.says("NICK bob", "USER b 0 * :b");
                bob.hearsUntil(" 376 ");
                bob.says("WHOIS bob");
                bob.hearsUntil(" 671 bob bob :is using a secure connection");
                confused.says("NICK a", "USER a 0 * :a");
                var heard = confused.hearsToTheEnd();
                assertFalse(heard.toString().contains("001"), heard::toString);
                await().until(() -> ircd.clients() == 1);
            }
        }
    }

    @Test
    void given_tls_settings_that_cannot_work_then_the_message_says_why(@TempDir Path folder)
            throws Exception {
        Path missing = folder.resolve("nothing.pem");
        var problem =
                assertThrows(
                        IOException.class,
                        () -> Ircd.start(PLAIN.withTls(missing, missing).ircd()));
        assertEquals("the IRC server cannot read " + missing, problem.getMessage());
        Path empty = Files.createFile(folder.resolve("empty.pem"));
        problem =
                assertThrows(
                        IOException.class, () -> Ircd.start(PLAIN.withTls(empty, empty).ircd()));
        assertTrue(String.valueOf(problem.getMessage()).startsWith("the IRC server cannot use"));
    }

    /// A self-signed certificate, made with the JDK's own tool, as two PEM files.
    private static Certificate certificate(Path folder) throws Exception {
        Path store = folder.resolve("store.p12");
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of("-genkeypair", "-alias", "irc", "-keyalg", "EC"));
        command.addAll(List.of("-dname", "CN=localhost", "-ext", "SAN=ip:127.0.0.1"));
        command.addAll(List.of("-keystore", store.toString(), "-storepass", "password"));
        Process keytool = new ProcessBuilder(command).inheritIO().start();
        assertTrue(keytool.waitFor(30, TimeUnit.SECONDS));
        assertEquals(0, keytool.exitValue());
        char[] password = "password".toCharArray();
        KeyStore keys = KeyStore.getInstance(store.toFile(), password);
        Certificate certificate = keys.getCertificate("irc");
        pem(folder.resolve("chain.pem"), "CERTIFICATE", certificate.getEncoded());
        pem(folder.resolve("key.pem"), "PRIVATE KEY", keys.getKey("irc", password).getEncoded());
        return certificate;
    }

    private static void pem(Path file, String what, byte[] bytes) throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        Files.writeString(
                file, "-----BEGIN " + what + "-----\n" + body + "\n-----END " + what + "-----\n");
    }

    private static SSLContext trusting(Certificate certificate) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("irc", certificate);
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), new SecureRandom());
        return context;
    }
}
