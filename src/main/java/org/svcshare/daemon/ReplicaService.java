package org.svcshare.daemon;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.HttpSettings.Token;
import org.svcshare.config.PoolSettings;
import org.svcshare.config.ReplicaSettings;
import org.svcshare.config.Settings;
import org.svcshare.journal.SharedLog;
import org.svcshare.proxy.ReplicaProxy;
import org.svcshare.replica.Replicas;
import org.svcshare.spawn.SpawnServer;

/// The proxy before the copies of a service, and the control API beside it.
final class ReplicaService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaService.class);

    private final ReplicaProxy proxy;
    private final Optional<SpawnServer> control;

    private ReplicaService(ReplicaProxy proxy, Optional<SpawnServer> control) {
        this.proxy = proxy;
        this.control = control;
    }

    /// Whether the order of writes is the group's that this svcshare is a node of.
    static boolean shares(Settings settings) {
        return settings.group().isPresent()
                && settings.pools().engine() == PoolSettings.Engine.CLUSTER
                && settings.replica().filter(ReplicaSettings::shared).isPresent();
    }

    /// @param shared the log of that group; empty: the writes are this machine's alone
    /// @return empty when the settings ask for none
    /// @throws IOException when it cannot be had; the message is for people
    static Optional<ReplicaService> start(Settings settings, Optional<SharedLog> shared)
            throws IOException {
        return settings.replica().isEmpty()
                ? Optional.empty()
                : Optional.of(
                        start(
                                settings.replica().get(),
                                shared,
                                settings.http().tokens(),
                                settings.turn().version()));
    }

    private static ReplicaService start(
            ReplicaSettings replica, Optional<SharedLog> shared, List<Token> tokens, String version)
            throws IOException {
        ReplicaProxy proxy =
                shared.isPresent()
                        ? ReplicaProxy.start(replica, shared.get())
                        : ReplicaProxy.start(replica);
        boolean started = false;
        try {
            LOG.atInfo()
                    .addKeyValue("address", proxy.listening())
                    .addKeyValue("nodes", proxy.replicas().nodes().size())
                    .log("proxy of the replicas runs");
            Optional<SpawnServer> control = Optional.empty();
            if (replica.control().enabled()) {
                SpawnServer server =
                        SpawnServer.start(replica.control(), proxy.replicas(), tokens, version);
                LOG.atInfo()
                        .addKeyValue("address", server.listening())
                        .log("control API of the replicas runs");
                control = Optional.of(server);
            }
            started = true;
            return new ReplicaService(proxy, control);
        } finally {
            if (!started) {
                proxy.close();
            }
        }
    }

    Replicas replicas() {
        return proxy.replicas();
    }

    /// Answers what is under way, and takes nothing new; blocks for as long as that takes.
    void drain(Duration limit) {
        proxy.drain(limit);
    }

    @Override
    public void close() {
        control.ifPresent(SpawnServer::close);
        proxy.close();
    }
}
