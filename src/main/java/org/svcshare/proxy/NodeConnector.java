package org.svcshare.proxy;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.ConnectException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.config.ServerTrust;
import org.svcshare.config.TlsSettings;
import org.svcshare.replica.NodeAddress;

/// Opens connections to nodes: HTTP/1.1, over TLS where a node wants it. Any thread.
final class NodeConnector {
    private static final Logger LOG = LoggerFactory.getLogger(NodeConnector.class);
    private final VirtualResolver names = new VirtualResolver();
    private final SslContext tls;
    private final int connectMs;
    private final int headerBytes;

    /// @throws IOException when the certificates of the settings cannot be used
    NodeConnector(ReplicaSettings settings) throws IOException {
        var trust =
                new TlsSettings(
                        true,
                        !settings.nodeTls().insecure(),
                        Optional.empty(),
                        settings.nodeTls().authority(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
        if (settings.nodeTls().insecure()) {
            LOG.warn("TLS of the nodes is not verified: anybody can pose as one");
        }
        tls =
                SslContextBuilder.forClient()
                        .sslProvider(SslProvider.JDK)
                        .trustManager(ServerTrust.of(trust))
                        .endpointIdentificationAlgorithm(
                                settings.nodeTls().insecure() ? null : "HTTPS")
                        .build();
        connectMs = (int) Math.min(settings.limits().nodeTimeout().toMillis(), 10_000);
        headerBytes = settings.limits().headerBytes();
    }

    /// @param last what gets the messages of the node
    ChannelFuture connect(EventLoop loop, NodeAddress node, boolean secure, ChannelHandler last) {
        return new Bootstrap()
                .group(loop)
                .channel(Transport.HERE.connecting())
                .resolver(names)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, connectMs)
                .option(ChannelOption.TCP_NODELAY, true)
                .handler(
                        new ChannelInitializer<Channel>() {
                            @Override
                            protected void initChannel(Channel channel) {
                                var pipeline = channel.pipeline();
                                if (secure) {
                                    pipeline.addLast(
                                            tls.newHandler(
                                                    channel.alloc(), node.host(), node.port()));
                                }
                                var decoding =
                                        new HttpDecoderConfig()
                                                .setMaxInitialLineLength(headerBytes)
                                                .setMaxHeaderSize(headerBytes)
                                                .setMaxChunkSize(64 << 10);
                                pipeline.addLast(new HttpClientCodec(decoding, false, false));
                                pipeline.addLast(last);
                            }
                        })
                .connect(node.host(), node.port());
    }

    /// What is wrong, in one line.
    static String reason(Throwable cause) {
        String message = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        if (cause instanceof ConnectException || message.contains("refused")) {
            return "connection refused";
        }
        if (cause instanceof java.net.UnknownHostException) {
            return "the host's name is not known";
        }
        return message.isEmpty() || message.equals("null")
                ? cause.getClass().getSimpleName()
                : message;
    }
}
