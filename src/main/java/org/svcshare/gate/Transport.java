package org.svcshare.gate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.unix.Socket;
import java.io.IOException;

/// What the system offers for sockets: native epoll on Linux, the JDK's selector everywhere.
enum Transport {
    EPOLL {
        @Override
        IoHandlerFactory ioHandlers() {
            return EpollIoHandler.newFactory();
        }

        @Override
        ServerSocketChannel server() {
            return new EpollServerSocketChannel();
        }

        @Override
        SocketChannel client() {
            return new EpollSocketChannel();
        }

        @Override
        int write(SocketChannel to, ByteBuf bytes) throws IOException {
            var socket = (Socket) ((EpollSocketChannel) to).fd();
            int written =
                    socket.sendAddress(
                            bytes.memoryAddress(), bytes.readerIndex(), bytes.writerIndex());
            bytes.skipBytes(written);
            return written;
        }
    },
    NIO {
        @Override
        IoHandlerFactory ioHandlers() {
            return NioIoHandler.newFactory();
        }

        @Override
        ServerSocketChannel server() {
            return new NioDoor();
        }

        @Override
        SocketChannel client() {
            return new NioStream();
        }

        @Override
        int write(SocketChannel to, ByteBuf bytes) throws IOException {
            return ((NioStream) to).write(bytes);
        }
    };

    static Transport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    abstract IoHandlerFactory ioHandlers();

    abstract ServerSocketChannel server();

    abstract SocketChannel client();

    /// Hands bytes to the kernel past Netty's queue, which has to be empty; on the event loop only.
    ///
    /// @param bytes a direct buffer; its reader index moves on
    /// @return how many bytes the kernel took; 0 when its buffer is full
    abstract int write(SocketChannel to, ByteBuf bytes) throws IOException;
}
