package org.svcshare.cluster;

import java.net.InetSocketAddress;
import java.util.EnumSet;
import org.apache.ratis.grpc.GrpcTlsConfig;
import org.apache.ratis.grpc.GrpcUtil;
import org.apache.ratis.grpc.server.GrpcServices;
import org.apache.ratis.thirdparty.io.grpc.netty.GrpcHttp2ConnectionHandler;
import org.apache.ratis.thirdparty.io.grpc.netty.InternalProtocolNegotiator.ProtocolNegotiator;
import org.apache.ratis.thirdparty.io.grpc.netty.InternalProtocolNegotiators;
import org.apache.ratis.thirdparty.io.grpc.netty.NettyServerBuilder;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelHandler;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelHandlerContext;
import org.apache.ratis.thirdparty.io.netty.channel.ChannelInboundHandlerAdapter;
import org.apache.ratis.thirdparty.io.netty.util.AsciiString;

/// Ratis' port, as it was, but who shows no certificate there, or speaks no TLS, is told of: gRPC
/// turns such callers away without a word.
final class RaftCallers implements GrpcServices.Customizer {
    private final GrpcTlsConfig tls;
    private final Refusals refusals;

    /// @param tls as Ratis has it
    RaftCallers(GrpcTlsConfig tls, Refusals refusals) {
        this.tls = tls;
        this.refusals = refusals;
    }

    @Override
    public NettyServerBuilder customize(
            NettyServerBuilder builder, EnumSet<GrpcServices.Type> types) {
        return builder.protocolNegotiator(
                new Watched(
                        InternalProtocolNegotiators.serverTls(
                                GrpcUtil.buildSslContextForServer(tls))));
    }

    private final class Watched implements ProtocolNegotiator {
        private final ProtocolNegotiator asBefore;

        Watched(ProtocolNegotiator asBefore) {
            this.asBefore = asBefore;
        }

        @Override
        public AsciiString scheme() {
            return asBefore.scheme();
        }

        @Override
        public ChannelHandler newHandler(GrpcHttp2ConnectionHandler connection) {
            return new Behind(asBefore.newHandler(connection));
        }

        @Override
        public void close() {
            asBefore.close();
        }
    }

    /// Hears what ends the handshake before it.
    private final class Behind extends ChannelInboundHandlerAdapter {
        private final ChannelHandler handshake;
        private boolean told;

        Behind(ChannelHandler handshake) {
            this.handshake = handshake;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext at) {
            at.pipeline().addBefore(at.name(), null, handshake);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext at, Throwable why) {
            if (!told && at.channel().remoteAddress() instanceof InetSocketAddress from) {
                told = true;
                refusals.ofCaller(from.getAddress().getHostAddress(), why);
            }
            at.fireExceptionCaught(why);
        }
    }
}
