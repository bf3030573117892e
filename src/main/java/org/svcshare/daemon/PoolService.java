package org.svcshare.daemon;

import java.io.IOException;
import java.net.BindException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.cluster.ClusterEngine;
import org.svcshare.config.GroupSettings;
import org.svcshare.config.HttpSettings;
import org.svcshare.config.PoolSettings;
import org.svcshare.config.Settings;
import org.svcshare.engine.Engines;
import org.svcshare.engine.MemcachedPlace;
import org.svcshare.journal.SharedLog;
import org.svcshare.pool.PoolEngine;
import org.svcshare.replica.Replicas;
import org.svcshare.store.MemberGroup;
import org.svcshare.turn.Happening;
import org.svcshare.web.StatusSource;
import org.svcshare.web.WebServer;

/// The lock pools and the HTTP server before them.
final class PoolService implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PoolService.class);

    private final HttpSettings http;
    private final PoolSettings pools;
    private final Optional<GroupSettings> group;
    private final StatusSource status;
    private final Optional<MemberGroup> members;

    /// The bot's own gate opens under one of the pools.
    private final boolean guards;

    private volatile @Nullable PoolEngine engine;
    private volatile @Nullable WebServer web;

    /// @param members the group that this svcshare is in, for its HTTP API
    PoolService(Settings settings, Optional<MemberGroup> members, StatusSource status) {
        this.members = members;
        this.http = settings.http();
        this.pools = settings.pools();
        this.group = settings.group();
        this.status = status;
        guards = settings.guard().filter(guard -> guard.url().isEmpty()).isPresent();
    }

    /// Empty before the start, and where nobody needs it.
    Optional<PoolEngine> engine() {
        return Optional.ofNullable(engine);
    }

    /// What a group keeps together besides its pools; empty where this is no node of one.
    Optional<SharedLog> sharedLog() {
        return engine instanceof ClusterEngine cluster
                ? Optional.of(cluster.sharedLog())
                : Optional.empty();
    }

    /// Has the pools.
    ///
    /// @throws IOException when what was asked for cannot be had; the message is for people
    void start() throws IOException {
        if (guards || http.enabled() || group.isPresent() || !pools.rules().declared().isEmpty()) {
            engine = open();
        }
    }

    /// Takes requests, where it is to.
    ///
    /// @param replicas the copies of a service, for the HTTP API
    /// @throws IOException as [#start]
    void listen(Optional<Replicas> replicas) throws IOException {
        PoolEngine started = engine;
        if (started != null && http.enabled()) {
            listen(started, replicas);
        }
    }

    private void listen(PoolEngine started, Optional<Replicas> replicas) throws IOException {
        try {
            WebServer server = WebServer.start(http, pools, started, members, replicas, status);
            web = server;
            LOG.atInfo()
                    .addKeyValue("address", server.listening())
                    .addKeyValue("pools", started.status().kind())
                    .log("HTTP server runs");
        } catch (BindException e) {
            if (http.listenSet()) {
                throw e;
            }
            // Several bots on one machine are usual, and one page of status is enough for a start.
            LOG.warn(
                    "no HTTP server: {} is taken; set http.listen to another port, or http.enabled"
                            + " = false",
                    http.listen());
            if (!guards && group.isEmpty()) {
                engine = null;
                started.close();
            }
        }
    }

    /// The engine that the settings ask for.
    private PoolEngine open() throws IOException {
        return switch (pools.engine()) {
            case MEMORY -> Engines.memory(pools.rules());
            case JOURNAL ->
                    Engines.journal(pools.folder(), pools.rules(), pools.grace(), pools.claim());
            case MEMCACHED -> Engines.memcached(pools.rules(), place(pools.memcached()));
            case CLUSTER -> GroupStart.start(group.orElseThrow(), pools.rules());
        };
    }

    private static MemcachedPlace place(PoolSettings.Memcached memcached) {
        return new MemcachedPlace(
                memcached.at().host(),
                memcached.at().port(),
                memcached.prefix(),
                memcached.timeout(),
                memcached.pollEvery());
    }

    void happened(Happening happening, Instant when, String nick) {
        WebServer server = web;
        if (server != null) {
            server.happened(happening, when);
        }
    }

    /// Sends everybody away who waits for a lock.
    void drain() {
        WebServer server = web;
        if (server != null) {
            server.drain();
        }
    }

    @Override
    public void close() {
        WebServer server = web;
        if (server != null) {
            server.close();
        }
        PoolEngine last = engine;
        if (last != null) {
            last.close();
        }
    }
}
