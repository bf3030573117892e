package org.svcshare.gate;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.Endpoint;
import org.svcshare.config.ServerTrust;
import org.svcshare.config.TlsSettings;

/// TLS towards the target: chain and host name, or a pinned certificate.
final class TargetTls {
    private static final Logger LOG = LoggerFactory.getLogger(TargetTls.class);

    private final SslContext context;
    private final Optional<String> serverName;

    private TargetTls(SslContext context, Optional<String> serverName) {
        this.context = context;
        this.serverName = serverName;
    }

    /// @return empty when the settings want no TLS
    /// @throws IllegalArgumentException with a text for people, when a file or the pin is not right
    static Optional<TargetTls> of(TlsSettings settings) {
        if (!settings.enabled()) {
            return Optional.empty();
        }
        try {
            if (!settings.verify() && settings.pin().isEmpty()) {
                LOG.warn("TLS of the gate's target is not verified: anybody can pose as it");
            }
            var builder =
                    SslContextBuilder.forClient()
                            .sslProvider(SslProvider.JDK)
                            .trustManager(ServerTrust.of(settings))
                            .endpointIdentificationAlgorithm(
                                    ServerTrust.nameCounts(settings) ? "HTTPS" : null);
            ServerTrust.own(settings).ifPresent(builder::keyManager);
            return Optional.of(new TargetTls(builder.build(), settings.serverName()));
        } catch (IOException e) {
            throw new IllegalArgumentException("TLS of the target: " + e.getMessage(), e);
        }
    }

    SslHandler handler(ByteBufAllocator allocator, Endpoint target) {
        SslHandler handler =
                context.newHandler(allocator, serverName.orElse(target.host()), target.port());
        if (serverName.isPresent()) {
            // The JDK sends no name without a dot of its own accord.
            SSLParameters parameters = handler.engine().getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(serverName.get())));
            handler.engine().setSSLParameters(parameters);
        }
        return handler;
    }
}
