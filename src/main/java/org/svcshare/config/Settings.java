package org.svcshare.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.svcshare.turn.TurnSettings;

/// Everything that can be set, read and checked.
///
/// @param stateFolder where state that outlives the process is kept
/// @param stopLimit how long an orderly stop may take
public record Settings(
        TurnSettings turn,
        IrcSettings irc,
        PeerSettings peers,
        CommandSettings commands,
        IrcdSettings ircd,
        GateSettings gate,
        ClientSettings client,
        Optional<ReporterSettings> reporter,
        List<HookSettings> hooks,
        Path stateFolder,
        Duration stopLimit,
        LogSettings log) {

    /// @param level error, warn, info, debug or trace
    /// @param json one JSON object a line instead of text
    public record LogSettings(String level, boolean json) {}
}
