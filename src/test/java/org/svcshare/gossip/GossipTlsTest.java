package org.svcshare.gossip;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.config.Secret;

/// Who gets through the door of a group with a secret.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class GossipTlsTest {
    private static final String SECRET = "0123456789abcdef".repeat(4);
    private static final String OTHER = "fedcba9876543210".repeat(4);

    private final BlockingQueue<String> refused = new LinkedBlockingQueue<>();
    private Door door;

    @BeforeEach
    void open() throws Exception {
        var anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        door = new Door(anywhere, context(SECRET, "svcshare"), (_, why) -> refused.add(why));
    }

    @AfterEach
    void close() throws IOException {
        door.close();
    }

    private static SSLContext context(String secret, String group) throws Exception {
        return GossipTls.of(
                        Samples.settings("anna", List.of())
                                .secret(Optional.of(new Secret(secret)))
                                .group(group)
                                .build())
                .orElseThrow();
    }

    private Socket knock(SSLContext as) throws IOException {
        var sockets =
                new DoorSockets(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        as,
                        (_, _) -> {});
        var socket = (SSLSocket) sockets.createSocket("test");
        socket.connect(door.getLocalSocketAddress(), 2_000);
        socket.startHandshake();
        return socket;
    }

    private CompletableFuture<Socket> accepted() {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return door.accept();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @Test
    void given_one_secret_when_keys_are_made_twice_then_they_are_the_same_and_fit_the_certificate()
            throws Exception {
        var one = SecretCertificate.of(new Secret(SECRET), "svcshare");
        var two = SecretCertificate.of(new Secret(SECRET), "svcshare");

        assertEquals(one.certificate().getPublicKey(), two.certificate().getPublicKey());
        one.certificate().verify(two.certificate().getPublicKey());
        one.certificate().checkValidity();
    }

    @Test
    void given_another_secret_or_group_when_keys_are_made_then_they_differ() throws Exception {
        var ours = SecretCertificate.of(new Secret(SECRET), "svcshare").certificate();

        assertNotEquals(
                ours.getPublicKey(),
                SecretCertificate.of(new Secret(OTHER), "svcshare").certificate().getPublicKey());
        assertNotEquals(
                ours.getPublicKey(),
                SecretCertificate.of(new Secret(SECRET), "others").certificate().getPublicKey());
    }

    @Test
    void given_who_knows_the_secret_when_it_knocks_then_both_can_talk() throws Exception {
        CompletableFuture<Socket> inside = accepted();

        try (Socket outside = knock(context(SECRET, "svcshare"))) {
            outside.getOutputStream().write(42);
            outside.getOutputStream().flush();

            assertEquals(42, inside.get(5, TimeUnit.SECONDS).getInputStream().read());
        }
    }

    @Test
    void given_who_knows_another_secret_when_it_knocks_then_neither_believes_the_other()
            throws Exception {
        assertThrows(IOException.class, () -> knock(context(OTHER, "svcshare")));
        assertTrue(refused.poll(5, TimeUnit.SECONDS) != null);
    }

    @Test
    void
            given_strangers_without_tls_and_silent_ones_when_a_member_knocks_then_it_is_let_in_at_once()
                    throws Exception {
        CompletableFuture<Socket> inside = accepted();
        try (var silent = new Socket();
                var rude = new Socket()) {
            silent.connect(door.getLocalSocketAddress());
            rude.connect(door.getLocalSocketAddress());
            rude.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
            rude.getOutputStream().flush();
            assertTrue(String.valueOf(refused.poll(5, TimeUnit.SECONDS)).length() > 4);

            try (Socket outside = knock(context(SECRET, "svcshare"))) {
                assertTrue(outside.isConnected());
                inside.get(5, TimeUnit.SECONDS).close();
            }
        }
    }

    @Test
    void given_a_door_that_is_closed_when_waited_at_then_the_wait_ends() throws Exception {
        CompletableFuture<Socket> inside = accepted();

        door.close();

        var ended =
                assertThrows(
                        java.util.concurrent.ExecutionException.class,
                        () -> inside.get(5, TimeUnit.SECONDS));
        assertTrue(String.valueOf(ended.getCause()).contains("closed"), ended.toString());
    }
}
