package org.svcshare.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.svcshare.turn.TurnSettings;

/// Everything that can be set, read and checked.
///
/// @param bot whether there is a bot at all; without one only pools are served
/// @param channel where bots vote and people command; of no meaning without a bot
/// @param group where the pools are kept by a group of machines, and only there
/// @param gossip where this svcshare is a member of a group that shares a store, and only there
/// @param replica where there is a proxy before the copies of a service, and only there
/// @param stateFolder where state that outlives the process is kept
/// @param stopLimit how long an orderly stop may take
public record Settings(
        boolean bot,
        ChannelKind channel,
        TurnSettings turn,
        Optional<GuardSettings> guard,
        IrcSettings irc,
        PeerSettings peers,
        CommandSettings commands,
        IrcdSettings ircd,
        GateSettings gate,
        ClientSettings client,
        Optional<ReporterSettings> reporter,
        List<HookSettings> hooks,
        HttpSettings http,
        PoolSettings pools,
        Optional<GroupSettings> group,
        Optional<GossipSettings> gossip,
        Optional<ReplicaSettings> replica,
        Path stateFolder,
        Duration stopLimit,
        LogSettings log) {

    /// The same with another HTTP server.
    public Settings with(HttpSettings other) {
        return with(bot, other, pools, group, gossip, replica);
    }

    /// The same with these pools and nothing else.
    Settings poolsAlone(PoolSettings others) {
        return with(false, http, others, group, Optional.empty(), Optional.empty());
    }

    /// The same with the proxy before its copies and nothing else: HTTP has no pools to serve.
    Settings replicasAlone() {
        return with(false, http, pools.none(), group, Optional.empty(), replica);
    }

    private Settings with(
            boolean ofBot,
            HttpSettings ofHttp,
            PoolSettings ofPools,
            Optional<GroupSettings> ofGroup,
            Optional<GossipSettings> ofGossip,
            Optional<ReplicaSettings> ofReplica) {
        return new Settings(
                ofBot,
                channel,
                turn,
                guard,
                irc,
                peers,
                commands,
                ircd,
                gate,
                client,
                reporter,
                hooks,
                ofHttp,
                ofPools,
                ofGroup,
                ofGossip,
                ofReplica,
                stateFolder,
                stopLimit,
                log);
    }

    /// @param level error, warn, info, debug or trace
    /// @param json one JSON object a line instead of text
    public record LogSettings(String level, boolean json) {}
}
