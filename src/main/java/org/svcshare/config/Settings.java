package org.svcshare.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.svcshare.turn.TurnSettings;

/// Everything that can be set, read and checked.
///
/// @param bot whether there is a bot at all; without one only pools are served
/// @param group where the pools are kept by a group of machines, and only there
/// @param stateFolder where state that outlives the process is kept
/// @param stopLimit how long an orderly stop may take
public record Settings(
        boolean bot,
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
        Path stateFolder,
        Duration stopLimit,
        LogSettings log) {

    /// The same with another HTTP server.
    public Settings with(HttpSettings other) {
        return with(bot, other, pools);
    }

    /// The same with these pools and nothing else.
    Settings poolsAlone(PoolSettings others) {
        return with(false, http, others);
    }

    private Settings with(boolean ofBot, HttpSettings ofHttp, PoolSettings ofPools) {
        return new Settings(
                ofBot,
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
                group,
                stateFolder,
                stopLimit,
                log);
    }

    /// @param level error, warn, info, debug or trace
    /// @param json one JSON object a line instead of text
    public record LogSettings(String level, boolean json) {}
}
