package org.svcshare.gate;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Relays through Netty, which speaks TLS to the service.
final class NettyRelay implements Relay {
    private static final long STOP_MILLIS = 5000;

    private final MultiThreadIoEventLoopGroup group =
            new MultiThreadIoEventLoopGroup(
                    1, new DefaultThreadFactory("gate-tls", true), NioIoHandler.newFactory());
    private final EventLoop events = group.next();
    private final ReadBuffers buffers = new ReadBuffers();
    private final Optional<TargetTls> tls;
    private final Loop loop =
            new Loop() {
                @Override
                public void execute(Runnable task) {
                    events.execute(task);
                }

                @Override
                public void schedule(Runnable task, long delayNanos) {
                    var _ = events.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
                }

                @Override
                public boolean inLoop() {
                    return events.inEventLoop();
                }
            };

    /// @param tls empty relays plain TCP
    NettyRelay(Optional<TargetTls> tls) {
        this.tls = tls;
    }

    EventLoop events() {
        return events;
    }

    ReadBuffers buffers() {
        return buffers;
    }

    Optional<TargetTls> tls() {
        return tls;
    }

    @Override
    public Loop loop() {
        return loop;
    }

    @Override
    public void start() {
        // Netty starts its thread with the first task.
    }

    @Override
    public Pair pair(long id, Lane lane, SocketChannel client, Pair.Owner owner) {
        return new NettyPair(id, lane, this, client, owner);
    }

    @Override
    public void letGo() {
        // Netty closes what is closed in the turns that follow.
    }

    @Override
    public void stop() {
        events.execute(buffers::free);
        var _ = group.shutdownGracefully(0, STOP_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void awaitEnd(Duration atMost) {
        group.terminationFuture().awaitUninterruptibly(atMost.toMillis());
    }
}
