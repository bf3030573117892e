package org.svcshare.gate;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.svcshare.config.Endpoint;
import org.svcshare.config.GateSettings;
import org.svcshare.config.Secret;
import org.svcshare.config.TlsSettings;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class TargetTlsTest {
    private static final Duration LEASE = Duration.ofMinutes(5);

    @TempDir static Path folder;

    /// A server whose certificate is for `localhost` and `news.example`.
    private static SSLContext server;

    /// What the server lets in where it asks.
    private static TestKeys ours;

    private static Path pem;
    private static String pin;

    private final GateContract.Heard heard = new GateContract.Heard();
    private final AtomicReference<String> askedFor = new AtomicReference<>("");
    private boolean asksForCertificate;
    private @Nullable FakeService running;
    private @Nullable TcpGate made;

    @BeforeAll
    static void certificate() throws Exception {
        TestKeys keys = TestKeys.make(folder, "server", "dns:localhost,dns:news.example");
        pin = keys.pin();
        pem = keys.pem();
        ours = TestKeys.make(folder, "ours", "dns:ours.example");
        server = SSLContext.getInstance("TLS");
        server.init(keys.keyManagers(), ours.trustManagers(), null);
    }

    @AfterEach
    void close() throws IOException {
        if (made != null) {
            made.close();
        }
        if (running != null) {
            running.close();
        }
    }

    private FakeService service() {
        return Objects.requireNonNull(running);
    }

    private TcpGate gate() {
        return Objects.requireNonNull(made);
    }

    private void serve(FakeService.Script script) throws IOException {
        var listener =
                (SSLServerSocket)
                        server.getServerSocketFactory()
                                .createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        running =
                new FakeService(
                        listener,
                        connection -> {
                            var secure = (SSLSocket) connection;
                            secure.setNeedClientAuth(asksForCertificate);
                            secure.startHandshake();
                            if (secure.getSession() instanceof ExtendedSSLSession session) {
                                session.getRequestedServerNames().stream()
                                        .filter(SNIHostName.class::isInstance)
                                        .map(name -> ((SNIHostName) name).getAsciiName())
                                        .forEach(askedFor::set);
                            }
                            script.serve(connection);
                        });
    }

    private void echo() throws IOException {
        serve(connection -> {
            connection.getInputStream().transferTo(connection.getOutputStream());
            connection.shutdownOutput();
        });
    }

    private static TlsSettings tls(
            boolean verify, Optional<String> pin, Optional<Path> ca, Optional<String> name) {
        return new TlsSettings(true, verify, pin, ca, Optional.empty(), Optional.empty(), name);
    }

    private Socket dial(String host, TlsSettings tls) throws IOException {
        made =
                new TcpGate(
                        new GateSettings(
                                new Endpoint("127.0.0.1", 0),
                                List.of(new Endpoint(host, service().port())),
                                tls,
                                GateSettings.WhenClosed.REFUSE,
                                Duration.ofSeconds(5),
                                0,
                                0,
                                Duration.ofSeconds(5),
                                Duration.ZERO,
                                List.of()),
                        heard);
        gate().open(Moment.now().plus(LEASE)).toCompletableFuture().join();
        var client = new Socket(InetAddress.ofLiteral("127.0.0.1"), gate().port());
        client.setSoTimeout(10_000);
        return client;
    }

    private void assertEchoes(Socket client) throws IOException {
        try (client) {
            GateContract.send(client, "hello");
            client.shutdownOutput();
            assertEquals("hello", GateContract.read(client));
        }
        assertEquals(5, gate().counts().upBytes());
        assertEquals(5, gate().counts().downBytes());
        assertEquals(List.of(), heard.failures());
    }

    private void assertFails(Socket client, String why) throws IOException {
        try (client) {
            GateContract.send(client, "secret");
            assertThrows(SocketException.class, () -> client.getInputStream().read());
        }
        await().until(() -> heard.failures().size() == 1);
        assertTrue(heard.failures().getFirst().contains(why), heard.failures().toString());
        assertEquals(0, gate().counts().upBytes());
        assertEquals(1, gate().counts().refusedTotal());
        assertEquals(0, gate().counts().openedTotal());
    }

    @Test
    void given_a_gate_whose_time_is_over_when_something_wants_to_pass_then_it_does_not()
            throws IOException {
        echo();
        try (Socket client =
                dial(
                        "localhost",
                        tls(false, Optional.empty(), Optional.empty(), Optional.empty()))) {
            GateContract.send(client, "x");
            assertEquals('x', client.getInputStream().read());
            Moment far = Moment.now().plus(LEASE);
            // As after an hour of sleep.
            gate().extend(new Moment(far.nanos(), far.wallMillis() - 3_600_000));

            assertThrows(
                    SocketException.class,
                    () -> {
                        GateContract.send(client, "y");
                        assertEquals(-1, client.getInputStream().read());
                        throw new SocketException("ended");
                    });
        }
        await().until(() -> heard.lapses.get() == 1 && gate().counts().open().isEmpty());
        assertEquals(1, gate().counts().upBytes());
        assertEquals(1, gate().counts().downBytes());
    }

    @Test
    void given_a_further_authority_and_the_right_name_then_it_passes() throws IOException {
        echo();
        assertEchoes(
                dial("localhost", tls(true, Optional.empty(), Optional.of(pem), Optional.empty())));
    }

    @Test
    void given_a_server_name_then_it_is_asked_for_and_verified() throws IOException {
        echo();
        assertEchoes(
                dial(
                        "127.0.0.1",
                        tls(
                                true,
                                Optional.empty(),
                                Optional.of(pem),
                                Optional.of("news.example"))));
        assertEquals("news.example", askedFor.get());
    }

    @Test
    void given_the_wrong_name_then_the_client_is_reset_and_nothing_was_sent() throws IOException {
        echo();
        assertFails(
                dial(
                        "localhost",
                        tls(
                                true,
                                Optional.empty(),
                                Optional.of(pem),
                                Optional.of("other.example"))),
                "TLS: No subject alternative DNS name matching other.example found");
    }

    @Test
    void given_an_address_that_is_not_in_the_certificate_then_it_fails() throws IOException {
        echo();
        assertFails(
                dial("127.0.0.1", tls(true, Optional.empty(), Optional.of(pem), Optional.empty())),
                "TLS: No subject alternative");
    }

    @Test
    void given_an_unknown_authority_then_it_fails() throws IOException {
        echo();
        assertFails(dial("localhost", TlsSettings.VERIFIED), "TLS: unable to find valid");
    }

    @Test
    void given_the_right_pin_then_neither_chain_nor_name_matter() throws IOException {
        echo();
        String colons = pin.toUpperCase(java.util.Locale.ROOT).replaceAll("(..)(?!$)", "$1:");
        assertEchoes(
                dial(
                        "127.0.0.1",
                        tls(true, Optional.of(colons), Optional.empty(), Optional.empty())));
    }

    @Test
    void given_the_wrong_pin_then_it_fails_and_shows_the_seen_one() throws IOException {
        echo();
        assertFails(
                dial(
                        "localhost",
                        tls(
                                true,
                                Optional.of("00".repeat(32)),
                                Optional.of(pem),
                                Optional.empty())),
                "the certificate is not the pinned one, it has " + pin);
    }

    @Test
    void given_verification_switched_off_then_anybody_will_do() throws IOException {
        echo();
        assertEchoes(
                dial(
                        "127.0.0.1",
                        tls(false, Optional.empty(), Optional.empty(), Optional.empty())));
    }

    @Test
    void given_a_target_that_asks_then_our_certificate_is_shown() throws Exception {
        asksForCertificate = true;
        var who = new AtomicReference<>("");
        serve(connection -> {
            who.set(((SSLSocket) connection).getSession().getPeerPrincipal().getName());
            connection.getInputStream().transferTo(connection.getOutputStream());
            connection.shutdownOutput();
        });
        assertEchoes(dial("localhost", showing(Optional.of(ours.store()))));
        assertEquals("CN=ours", who.get());
    }

    @Test
    void given_a_target_that_asks_and_no_certificate_then_nothing_passes() throws Exception {
        asksForCertificate = true;
        echo();
        try (Socket client = dial("localhost", showing(Optional.empty()))) {
            // TLS 1.3 tells the client after its own end of the handshake (RFC 8446 section
            // 4.4.2.4).
            assertThrows(
                    SocketException.class,
                    () -> {
                        GateContract.send(client, "secret");
                        client.getInputStream().read();
                    });
        }
        assertTrue(service().end().contains("certificate"));
        assertEquals(0, gate().counts().downBytes());
    }

    @Test
    void given_a_wrong_password_then_the_gate_is_not_made() {
        var settings =
                new TlsSettings(
                        true,
                        true,
                        Optional.empty(),
                        Optional.of(pem),
                        Optional.of(ours.store()),
                        Optional.of(new Secret("wrong")),
                        Optional.empty());
        var refused = assertThrows(IllegalArgumentException.class, () -> TargetTls.of(settings));
        assertTrue(String.valueOf(refused.getMessage()).startsWith("TLS of the target: "));
    }

    private static TlsSettings showing(Optional<Path> certificate) {
        return new TlsSettings(
                true,
                true,
                Optional.empty(),
                Optional.of(pem),
                certificate,
                certificate.map(_ -> new Secret(TestKeys.PASSWORD)),
                Optional.empty());
    }

    @Test
    void given_a_target_that_speaks_no_tls_then_it_fails() throws IOException {
        running =
                new FakeService(
                        connection -> GateContract.send(connection, "200 welcome, friend\r\n"));
        assertFails(dial("localhost", TlsSettings.VERIFIED), "TLS: ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "zz"})
    void given_a_pin_that_is_none_then_the_gate_is_not_made(String text) {
        assertThrows(
                IllegalArgumentException.class,
                () ->
                        TargetTls.of(
                                tls(true, Optional.of(text), Optional.empty(), Optional.empty())));
    }

    @Test
    void given_a_file_without_certificates_then_the_gate_is_not_made() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.pem"), "nothing here\n");
        for (Path file : List.of(empty, folder.resolve("missing.pem"))) {
            var refused =
                    assertThrows(
                            IllegalArgumentException.class,
                            () ->
                                    TargetTls.of(
                                            tls(
                                                    true,
                                                    Optional.empty(),
                                                    Optional.of(file),
                                                    Optional.empty())));
            assertTrue(String.valueOf(refused.getMessage()).contains(file.toString()));
        }
    }

    @Test
    void given_much_data_both_ways_then_every_byte_arrives_and_is_counted() throws IOException {
        echo();
        try (Socket client =
                dial(
                        "localhost",
                        tls(true, Optional.empty(), Optional.of(pem), Optional.empty()))) {
            byte[] sent = GateContract.noise(6_000_001);
            var sending =
                    CompletableFuture.runAsync(() -> {
                        try {
                            client.getOutputStream().write(sent);
                            client.shutdownOutput();
                        } catch (IOException e) {
                            throw new CompletionException(e);
                        }
                    });
            assertArrayEquals(sent, client.getInputStream().readAllBytes());
            sending.join();
            assertEquals(sent.length, gate().counts().upBytes());
            assertEquals(sent.length, gate().counts().downBytes());
        }
    }

    @Test
    void given_a_tls_stream_that_is_cut_off_then_the_client_sees_a_reset() throws IOException {
        var plain = new AtomicReference<Socket>();
        var relayTarget = FakeService.open();
        serve(connection -> {
            GateContract.send(connection, "half of it");
            connection.getInputStream().read();
        });
        int tlsPort = service().port();
        // Between gate and service sits one who ends the stream without TLS's own goodbye.
        try (var relay =
                new FakeService(
                        relayTarget,
                        connection -> {
                            var onward = new Socket(InetAddress.getLoopbackAddress(), tlsPort);
                            plain.set(connection);
                            Thread.ofVirtual()
                                    .start(() -> {
                                        try {
                                            onward.getInputStream()
                                                    .transferTo(connection.getOutputStream());
                                        } catch (IOException _) {
                                            // The test ends.
                                        }
                                    });
                            connection.getInputStream().transferTo(onward.getOutputStream());
                        })) {
            FakeService behind = service();
            running = relay;
            try (Socket client =
                            dial(
                                    "localhost",
                                    tls(
                                            true,
                                            Optional.empty(),
                                            Optional.of(pem),
                                            Optional.empty()));
                    behind) {
                assertEquals(
                        "half of it",
                        new String(
                                client.getInputStream().readNBytes(10),
                                java.nio.charset.StandardCharsets.US_ASCII));
                plain.get().shutdownOutput();
                assertThrows(SocketException.class, () -> client.getInputStream().read());
            }
        }
    }

    @Test
    void given_a_transfer_when_shut_then_all_that_was_received_is_counted() throws Exception {
        var received = new AtomicLong();
        serve(connection -> {
            byte[] block = new byte[65536];
            for (int n; (n = connection.getInputStream().read(block)) >= 0; ) {
                received.addAndGet(n);
            }
        });
        try (Socket client =
                dial(
                        "localhost",
                        tls(true, Optional.empty(), Optional.of(pem), Optional.empty()))) {
            var sending =
                    CompletableFuture.runAsync(() -> {
                        try {
                            while (true) {
                                client.getOutputStream().write(GateContract.noise(100_000));
                            }
                        } catch (IOException _) {
                            // Cut, as it should be.
                        }
                    });
            await().until(() -> received.get() > 5_000_000);

            assertEquals(1, gate().shut().toCompletableFuture().join());
            long counted = gate().counts().upBytes();
            service().end();
            sending.join();

            assertTrue(received.get() <= counted, received + " of " + counted);
            assertEquals(counted, gate().counts().upBytes());
        }
    }
}
