package org.svcshare.gossip;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.svcshare.config.Endpoint;
import org.svcshare.config.GossipSettings;

/// Looks whether seeds would let a member in, without joining them. Any thread; blocks.
public final class SeedProbe {
    private final Optional<SSLContext> tls;

    /// @throws IOException when a certificate cannot be used; the message is for people
    public SeedProbe(GossipSettings settings) throws IOException {
        tls = GossipTls.of(settings);
    }

    /// Connects, and proves to the seed and has it prove that both belong to the group.
    ///
    /// @param patience of the connection, and of the proof
    /// @throws javax.net.ssl.SSLException when they do not believe each other
    /// @throws IOException when it does not answer
    public void ask(Endpoint seed, Duration patience) throws IOException {
        int patienceMs = (int) patience.toMillis();
        var at = new InetSocketAddress(seed.host(), seed.port());
        if (at.isUnresolved()) {
            throw new UnknownHostException(seed.host());
        }
        try (var plain = new Socket()) {
            plain.connect(at, patienceMs);
            plain.setSoTimeout(patienceMs);
            if (tls.isPresent()) {
                shakeHands(tls.get(), plain, seed);
            }
        }
    }

    private static void shakeHands(SSLContext tls, Socket plain, Endpoint seed) throws IOException {
        try (var socket =
                (SSLSocket)
                        tls.getSocketFactory()
                                .createSocket(plain, seed.host(), seed.port(), false)) {
            socket.setEnabledProtocols(GossipTls.PROTOCOLS);
            socket.startHandshake();
        }
    }
}
