package org.svcshare.gate;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.Endpoint;

/// The listening sockets: one for each address of the host name, all on the same port.
///
/// Its calls block; only the gate's control thread makes them, and never the loop.
final class Door {
    private static final int BACKLOG = 4096;
    private static final int FREE_PORT_TRIES = 16;

    /// Those who are connected get their turn, too.
    private static final int ACCEPTED_PER_TURN = 16;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Endpoint listen;
    private final SelectorLoop loop;
    private final Consumer<SocketChannel> arrived;
    private final List<ServerSocketChannel> open = new ArrayList<>();
    private volatile int port;

    /// @param arrived called on the loop with everybody who has connected
    Door(Endpoint listen, SelectorLoop loop, Consumer<SocketChannel> arrived) {
        this.listen = listen;
        this.loop = loop;
        this.arrived = arrived;
        this.port = listen.port();
    }

    int port() {
        return port;
    }

    /// Who connected; null when already gone.
    static @Nullable InetSocketAddress peer(SocketChannel client) {
        try {
            return client.getRemoteAddress() instanceof InetSocketAddress address ? address : null;
        } catch (IOException _) {
            return null;
        }
    }

    /// Does nothing when it is open already.
    ///
    /// @throws IOException with a text for people; nothing is left bound then
    void open() throws IOException {
        bind();
        try {
            onLoop(this::accept);
        } catch (IOException | RuntimeException e) {
            closeAll();
            throw e;
        }
    }

    /// Lets clients come as far as the backlog: there they wait for [#accept]. Does nothing when it
    /// is bound already.
    ///
    /// @throws IOException with a text for people; nothing is left bound then
    void bind() throws IOException {
        if (!open.isEmpty()) {
            return;
        }
        List<InetAddress> addresses;
        try {
            addresses = addresses(listen.host());
        } catch (UnknownHostException e) {
            throw new IOException("cannot listen on " + listen + ": unknown host", e);
        }
        int wanted = port;
        for (int tries = 1; ; tries++) {
            try {
                bindAll(addresses, wanted);
                break;
            } catch (BindException e) {
                // A free port on one address may be taken on the other.
                if (wanted != 0 || tries == FREE_PORT_TRIES) {
                    throw e;
                }
            }
        }
    }

    /// Takes those who come, from the backlog too. On the loop.
    void accept() throws IOException {
        for (ServerSocketChannel channel : open) {
            if (!channel.isRegistered()) {
                var ready = new Ready(channel);
                ready.key = loop.register(channel, SelectionKey.OP_ACCEPT, ready);
            }
        }
    }

    /// Returns when the port is refused to new connections, those in the backlog included.
    void close() throws IOException {
        if (open.isEmpty()) {
            return;
        }
        onLoop(() -> {
            closeAll();
            // A closed socket goes on listening until its selector has let go of it.
            loop.letGo();
        });
    }

    private static List<InetAddress> addresses(String host) throws UnknownHostException {
        // Both loopbacks, whatever the hosts file says (RFC 6761 section 6.3).
        return host.equalsIgnoreCase("localhost")
                ? List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"))
                : List.of(InetAddress.getAllByName(host));
    }

    private interface Step {
        void run() throws IOException;
    }

    private void onLoop(Step step) throws IOException {
        var done = new CompletableFuture<@Nullable IOException>();
        loop.execute(() -> {
            try {
                step.run();
                done.complete(null);
            } catch (IOException e) {
                done.complete(e);
            } catch (RuntimeException e) {
                done.complete(new IOException(e));
            }
        });
        IOException problem = done.join();
        if (problem != null) {
            throw problem;
        }
    }

    private void closeAll() throws IOException {
        for (ServerSocketChannel channel : open) {
            channel.close();
        }
        open.clear();
    }

    private void bindAll(List<InetAddress> addresses, int wanted) throws IOException {
        int chosen = wanted;
        IOException missing = null;
        for (InetAddress address : addresses) {
            try {
                ServerSocketChannel channel = bind(new InetSocketAddress(address, chosen));
                open.add(channel);
                if (channel.getLocalAddress() instanceof InetSocketAddress bound) {
                    chosen = bound.getPort();
                }
            } catch (BindException e) {
                if (address instanceof Inet6Address && withoutAddress(e)) {
                    // The name says IPv6, the system has none.
                    missing = e;
                    continue;
                }
                closeAll();
                throw e;
            } catch (IOException e) {
                closeAll();
                throw e;
            }
        }
        if (open.isEmpty()) {
            throw missing != null ? missing : new IOException("cannot listen on " + listen);
        }
        port = chosen;
    }

    private ServerSocketChannel bind(InetSocketAddress address) throws IOException {
        ServerSocketChannel channel;
        try {
            channel =
                    ServerSocketChannel.open(
                            address.getAddress() instanceof Inet4Address
                                    ? StandardProtocolFamily.INET
                                    : StandardProtocolFamily.INET6);
        } catch (IOException | UnsupportedOperationException e) {
            throw explained(address, e);
        }
        try {
            channel.configureBlocking(false);
            channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            return channel.bind(address, BACKLOG);
        } catch (IOException e) {
            channel.close();
            throw explained(address, e);
        }
    }

    private IOException explained(InetSocketAddress address, Throwable cause) {
        Endpoint asked = new Endpoint(listen.host(), address.getPort());
        String text = Problems.of(cause);
        String where = " (" + address.getAddress().getHostAddress() + ")";
        BindException explained =
                text.toLowerCase(Locale.ROOT).contains("address already in use")
                        ? new BindException(asked + " is taken by another program: " + text + where)
                        : new BindException("cannot listen on " + asked + ": " + text + where);
        explained.initCause(cause);
        return explained;
    }

    private static boolean withoutAddress(BindException problem) {
        String text = String.valueOf(problem.getMessage()).toLowerCase(Locale.ROOT);
        return text.contains("assign requested address")
                || text.contains("not supported")
                || text.contains("not available");
    }

    private final class Ready implements SelectorLoop.Ready {
        private final ServerSocketChannel channel;
        private @Nullable SelectionKey key;

        Ready(ServerSocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public void ready(SelectionKey ready) {
            for (int i = 0; i < ACCEPTED_PER_TURN && channel.isOpen(); i++) {
                SocketChannel client;
                try {
                    client = channel.accept();
                } catch (IOException _) {
                    failed();
                    return;
                }
                if (client == null) {
                    return;
                }
                arrived.accept(client);
            }
        }

        /// Out of descriptors, most likely: they wait in the backlog meanwhile, and nothing spins.
        @Override
        public void failed() {
            want(0);
            loop.schedule(() -> want(SelectionKey.OP_ACCEPT), PAUSE_NANOS);
        }

        private void want(int interest) {
            if (key != null && key.isValid()) {
                key.interestOps(interest);
            }
        }
    }
}
