package org.svcshare.gate;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// A connection that can be written to past Netty's queue.
///
/// The JDK's selector and not Netty's epoll: it is as fast here, and epoll of Netty 4.2.18 forgets
/// a socket whose input has ended, and then cannot wait for room in its output.
final class NioStream extends NioSocketChannel {
    private final Validity validity;

    NioStream(Validity validity) {
        this.validity = validity;
        writeInSteps();
    }

    NioStream(SocketChannel accepted, Validity validity) {
        super(accepted);
        this.validity = validity;
        writeInSteps();
    }

    /// With an end in sight one system call for each time that the validity is asked.
    private void writeInSteps() {
        if (validity.limited()) {
            config().setWriteSpinCount(1);
        }
    }

    /// Hands bytes to the kernel; on the event loop, and with nothing in Netty's queue only.
    ///
    /// @param bytes a direct buffer; its reader index moves on
    /// @return how many bytes the kernel took; 0 when its buffer is full
    int write(ByteBuf bytes) throws IOException {
        check();
        return bytes.readBytes(javaChannel(), bytes.readableBytes());
    }

    @Override
    protected int doReadBytes(ByteBuf bytes) throws Exception {
        check();
        return super.doReadBytes(bytes);
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer queue) throws Exception {
        check();
        super.doWrite(queue);
    }

    private void check() throws IOException {
        if (!validity.holds()) {
            throw new IOException("the time to be open is over");
        }
    }

    @Override
    protected AbstractNioUnsafe newUnsafe() {
        return new Unsafe();
    }

    private final class Unsafe extends NioByteUnsafe {
        /// A close that lingers does not happen here, so nobody has to ask the kernel for it.
        @Override
        protected @Nullable Executor prepareToClose() {
            return null;
        }
    }
}
