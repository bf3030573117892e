package org.svcshare.gate;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.ServerSocketChannel;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.svcshare.config.Endpoint;

/// The listening sockets: one for each address of the host name, all on the same port.
///
/// Its calls block; only the gate's control thread makes them.
final class Door {
    private static final int BACKLOG = 4096;
    private static final int FREE_PORT_TRIES = 16;

    private final Endpoint listen;
    private final EventLoop loop;
    private final Supplier<Acceptor> acceptors;
    private final List<Channel> open = new ArrayList<>();
    private volatile int port;

    Door(Endpoint listen, EventLoop loop, Supplier<Acceptor> acceptors) {
        this.listen = listen;
        this.loop = loop;
        this.acceptors = acceptors;
        this.port = listen.port();
    }

    int port() {
        return port;
    }

    /// Does nothing when it is open already.
    ///
    /// @throws IOException with a text for people; nothing is left bound then
    void open() throws IOException, InterruptedException {
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
                return;
            } catch (BindException e) {
                // A free port on one address may be taken on the other.
                if (wanted != 0 || tries == FREE_PORT_TRIES) {
                    throw e;
                }
            }
        }
    }

    /// Returns when the port is refused to new connections, those in the backlog included.
    void close() throws InterruptedException {
        for (Channel channel : open) {
            channel.close().await();
        }
        open.clear();
    }

    private static List<InetAddress> addresses(String host) throws UnknownHostException {
        // Both loopbacks, whatever the hosts file says (RFC 6761 section 6.3).
        return host.equalsIgnoreCase("localhost")
                ? List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"))
                : List.of(InetAddress.getAllByName(host));
    }

    private void bindAll(List<InetAddress> addresses, int wanted)
            throws IOException, InterruptedException {
        int chosen = wanted;
        IOException missing = null;
        for (InetAddress address : addresses) {
            try {
                Channel channel = bind(new InetSocketAddress(address, chosen));
                open.add(channel);
                if (channel.localAddress() instanceof InetSocketAddress bound) {
                    chosen = bound.getPort();
                }
            } catch (BindException e) {
                if (address instanceof Inet6Address && withoutAddress(e)) {
                    // The name says IPv6, the system has none.
                    missing = e;
                    continue;
                }
                close();
                throw e;
            } catch (IOException e) {
                close();
                throw e;
            }
        }
        if (open.isEmpty()) {
            throw missing != null ? missing : new IOException("cannot listen on " + listen);
        }
        port = chosen;
    }

    private Channel bind(InetSocketAddress address) throws IOException, InterruptedException {
        NioDoor channel;
        try {
            channel = new NioDoor();
        } catch (RuntimeException e) {
            throw new IOException("cannot listen on " + listen + ": " + Problems.of(e), e);
        }
        // Netty accepts up to 16 at a turn, so that those who are connected get theirs.
        channel.config().setBacklog(BACKLOG).setReuseAddress(true);
        channel.pipeline()
                .addLast(
                        new ChannelInitializer<ServerSocketChannel>() {
                            @Override
                            protected void initChannel(ServerSocketChannel initialised) {
                                initialised.pipeline().addLast(acceptors.get());
                            }
                        });
        var registered = loop.register(channel).await();
        var bound = registered.isSuccess() ? channel.bind(address).await() : registered;
        if (bound.isSuccess()) {
            return channel;
        }
        channel.close().await();
        throw explained(address, bound.cause());
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
}
