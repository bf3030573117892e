package org.svcshare.cluster;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import org.svcshare.config.GroupSettings;
import org.svcshare.config.HttpSettings;
import org.svcshare.config.Secret;

/// Who is believed on the connections between nodes, with real certificates.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(30)
final class PeerTlsTest {
    private static final String HOST = "127.0.0.1";
    private static final String LOCAL = "ip:127.0.0.1,dns:localhost";

    @TempDir private static Path folder;

    private static TestAuthority ours;
    private static GroupSettings.Tls good;
    private static GroupSettings.Tls elsewhere;
    private static GroupSettings.Tls stranger;

    @BeforeAll
    static void make() throws Exception {
        ours = new TestAuthority(folder, "ours");
        good = ours.sign("good", LOCAL);
        elsewhere = ours.sign("elsewhere", "dns:n9.example.net");
        ours.sign("over", LOCAL, "-startdate", "-3d", "-validity", "2");
        ours.sign("early", LOCAL, "-startdate", "+3d");
        ours.sign("nameless", "");
        ours.sign("reader", LOCAL, "-ext", "eku=clientAuth");
        stranger = new TestAuthority(folder, "others").sign("stranger", LOCAL);
    }

    private static GroupSettings.Tls pem(String node) {
        return new GroupSettings.Tls(
                new HttpSettings.Tls(
                        folder.resolve(node + ".pem"),
                        Optional.of(folder.resolve(node + ".key")),
                        Optional.empty()),
                ours.pem());
    }

    // What a node says of its own at the start.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "over | over.pem ended on 20",
                "early | early.pem begins on 20",
                "elsewhere | is for n9.example.net, and the others reach this node as 127.0.0.1",
                "nameless | is for no host",
                "reader | would not be believed: Extended key usage",
                "stranger | would not be believed: it is from no authority in cluster.tls.ca",
            })
    void given_a_certificate_that_others_would_refuse_when_read_then_that_is_said(
            String node, String part) {
        String said =
                String.valueOf(
                        assertThrows(IOException.class, () -> PeerTls.of(pem(node), HOST))
                                .getMessage());

        assertTrue(said.startsWith("cluster.tls.certificate: "), said);
        assertTrue(said.contains(part), said);
    }

    @Test
    void given_files_that_are_no_such_when_read_then_the_setting_is_named() throws Exception {
        var wrong =
                new HttpSettings.Tls(
                        ours.inStore("good").own().certificate(),
                        Optional.empty(),
                        Optional.of(new Secret("wrong")));
        Path empty = Files.writeString(folder.resolve("empty.pem"), "");

        assertSays("certificate-password", new GroupSettings.Tls(wrong, ours.pem()));
        assertSays("cluster.tls.ca: ", new GroupSettings.Tls(good.own(), empty));
        assertSays(
                "there is no file",
                new GroupSettings.Tls(good.own(), folder.resolve("missing.pem")));
    }

    private static void assertSays(String part, GroupSettings.Tls tls) {
        String said =
                String.valueOf(
                        assertThrows(IOException.class, () -> PeerTls.of(tls, HOST)).getMessage());
        assertTrue(said.contains(part), said);
    }

    @Test
    void given_a_wildcard_or_an_address_in_other_words_when_read_then_it_is_the_host()
            throws Exception {
        ours.sign("wide", "dns:*.example.net,ip:0:0:0:0:0:0:0:1");

        PeerTls.of(pem("wide"), "N4.example.net");
        PeerTls.of(pem("wide"), "::1");
        assertThrows(IOException.class, () -> PeerTls.of(pem("wide"), "a.b.example.net"));
    }

    // Files that change.

    private static String shown(PeerTls called) throws Exception {
        try (ServerSocket listener =
                called.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            Thread.ofVirtual()
                    .start(() -> {
                        try (Socket socket = listener.accept()) {
                            called.letIn(socket);
                        } catch (IOException _) {
                            // Who calls sees it as well.
                        }
                    });
            var at =
                    new InetSocketAddress(
                            InetAddress.getLoopbackAddress(), listener.getLocalPort());
            try (Socket socket = PeerTls.of(good, HOST).connect(at, 5_000)) {
                return ((SSLSocket) socket).getSession().getPeerPrincipal().getName();
            }
        }
    }

    @Test
    void given_files_that_change_when_they_are_of_use_then_they_are_taken_and_otherwise_told_once()
            throws Exception {
        GroupSettings.Tls changing = ours.sign("changing", LOCAL);
        GroupSettings.Tls later = ours.sign("later", LOCAL);
        var said = new ListAppender<ILoggingEvent>();
        said.start();
        var log = (Logger) LoggerFactory.getLogger(PeerTls.class);
        log.addAppender(said);
        try {
            PeerTls tls = PeerTls.of(changing, HOST);
            assertEquals("CN=changing", shown(tls));

            Files.copy(
                    later.own().certificate(),
                    changing.own().certificate(),
                    StandardCopyOption.REPLACE_EXISTING);
            for (int i = 0; i < 4; i++) {
                tls.lookAgain();
            }
            assertEquals("CN=changing", shown(tls));
            assertEquals(1, said.list.size(), said.list.toString());
            assertTrue(
                    said.list.getFirst().getFormattedMessage().contains("is not the key of"),
                    said.list.toString());

            Files.copy(
                    later.own().key().orElseThrow(),
                    changing.own().key().orElseThrow(),
                    StandardCopyOption.REPLACE_EXISTING);
            tls.lookAgain();
            assertEquals("CN=changing", shown(tls));
            tls.lookAgain();
            assertEquals("CN=later", shown(tls));
        } finally {
            log.detachAppender(said);
        }
    }

    @Test
    void given_files_of_a_certificate_that_ends_soon_then_only_the_newest_is_warned_of()
            throws Exception {
        ours.sign("soon", LOCAL, "-validity", "3");
        var said = new ListAppender<ILoggingEvent>();
        said.start();
        var log = (Logger) LoggerFactory.getLogger(PeerTls.class);
        log.addAppender(said);
        try {
            PeerTls tls = PeerTls.of(pem("soon"), HOST);
            tls.lookAgain();
            assertEquals(1, said.list.size(), said.list.toString());

            ours.sign("renewed", LOCAL);
            for (String kind : List.of(".pem", ".key")) {
                Files.copy(
                        folder.resolve("renewed" + kind),
                        folder.resolve("soon" + kind),
                        StandardCopyOption.REPLACE_EXISTING);
            }
            for (int i = 0; i < 4; i++) {
                tls.lookAgain();
            }
            assertEquals(2, said.list.size(), said.list.toString());
            assertTrue(
                    said.list.getLast().getFormattedMessage().contains("are in use"),
                    said.list.toString());
        } finally {
            log.detachAppender(said);
        }
    }

    // Whom it lets in.

    /// What each end sees of one connection; an exception's text where it failed.
    private record Seen(String caller, String called) {}

    private static Seen meet(PeerSockets called, PeerSockets caller, String host) throws Exception {
        try (ServerSocket listener =
                called.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            var answered =
                    CompletableFuture.supplyAsync(() -> {
                        try (Socket socket = listener.accept()) {
                            called.letIn(socket);
                            socket.getOutputStream().write(socket.getInputStream().read());
                            return socket instanceof SSLSocket tls
                                    ? tls.getSession().getProtocol()
                                    : "plain";
                        } catch (IOException e) {
                            return "refused: " + Refusals.words(e);
                        }
                    });
            String said;
            try (Socket socket =
                    caller.connect(new InetSocketAddress(host, listener.getLocalPort()), 5_000)) {
                socket.setSoTimeout(5_000);
                socket.getOutputStream().write("x".repeat(64).getBytes(US_ASCII));
                said = socket.getInputStream().read() == 'x' ? "answered" : "ended";
            } catch (SSLException e) {
                said = "refused: " + Refusals.words(e);
            } catch (IOException e) {
                said = "ended";
            }
            return new Seen(said, answered.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void given_two_nodes_of_a_group_when_one_calls_then_they_talk_whatever_form_the_files_have()
            throws Exception {
        PeerSockets one = PeerTls.of(good, HOST);
        PeerSockets other = PeerTls.of(ours.inStore("good"), "localhost");

        assertEquals(new Seen("answered", "TLSv1.3"), meet(one, other, HOST));
        assertEquals(new Seen("answered", "TLSv1.3"), meet(other, one, "localhost"));
    }

    @Test
    void given_a_node_of_another_authority_when_it_calls_or_is_called_then_neither_believes()
            throws Exception {
        PeerSockets here = PeerTls.of(good, HOST);
        // It would believe us, so that it is not its own choice to end it.
        var gullible =
                new GroupSettings.Tls(
                        stranger.own(),
                        Files.writeString(
                                folder.resolve("both.pem"),
                                Files.readString(ours.pem()) + Files.readString(stranger.ca())));
        PeerSockets there = PeerTls.of(gullible, HOST);

        // The JDK does not even show what the other end would not believe.
        assertEquals(
                "refused: it shows no certificate from an authority in cluster.tls.ca",
                meet(here, there, HOST).called());
        assertEquals(
                "refused: it is from no authority in cluster.tls.ca",
                meet(there, here, HOST).caller());
    }

    @Test
    void given_nobody_with_a_certificate_when_it_calls_then_it_is_not_let_in() throws Exception {
        PeerSockets here = PeerTls.of(good, HOST);

        assertEquals(
                new Seen("ended", "refused: it does not speak TLS"),
                meet(here, PeerSockets.plain(), HOST));
    }

    @Test
    void given_the_certificate_of_another_host_when_called_then_it_is_not_believed()
            throws Exception {
        PeerSockets there = PeerTls.of(elsewhere, "n9.example.net");

        assertEquals(
                "refused: it is for another host",
                meet(there, PeerTls.of(good, HOST), HOST).caller());
    }

    @Test
    void given_somebody_who_is_refused_again_and_again_when_told_then_once_a_minute() {
        var now = new long[] {0};
        var told = new int[] {0};
        var refusals = new Refusals(() -> now[0], _ -> told[0]++);
        for (int i = 0; i < 100; i++) {
            refusals.ofCaller("10.0.0.9", new SSLException("no"));
            now[0] += TimeUnit.SECONDS.toNanos(1);
        }

        assertEquals(2, told[0]);
    }
}
