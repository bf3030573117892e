package org.svcshare.proxy;

import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;

/// How sockets are served: by Linux' epoll through Netty's own library where that loads, which
/// takes less of the processor than the JDK's selectors, and by those otherwise.
enum Transport {
    EPOLL,
    SELECTOR;

    /// The one for this machine; `-Dio.netty.transport.noNative=true` asks for the JDK's.
    static final Transport HERE = Epoll.isAvailable() ? EPOLL : SELECTOR;

    IoHandlerFactory handlers() {
        return switch (this) {
            case EPOLL -> EpollIoHandler.newFactory();
            case SELECTOR -> NioIoHandler.newFactory();
        };
    }

    Class<? extends ServerChannel> listening() {
        return switch (this) {
            case EPOLL -> EpollServerSocketChannel.class;
            case SELECTOR -> NioServerSocketChannel.class;
        };
    }

    Class<? extends Channel> connecting() {
        return switch (this) {
            case EPOLL -> EpollSocketChannel.class;
            case SELECTOR -> NioSocketChannel.class;
        };
    }
}
