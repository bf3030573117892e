package org.svcshare.config;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.svcshare.turn.Policy;
import org.svcshare.turn.TurnSettings;

/// Reads the `turn` block.
final class TurnReader {
    private static final Duration MOMENT = Duration.ofMillis(10);

    private TurnReader() {}

    static TurnSettings read(
            Section turn, String owner, String version, boolean clientAsked, boolean guarded) {
        Map<String, Policy> policies =
                Arrays.stream(Policy.values()).collect(Collectors.toMap(Policy::word, p -> p));
        var settings =
                new TurnSettings(
                        owner,
                        version,
                        turn.choice("policy", policies, Policy.SMALLEST_QUEUE),
                        turn.flag("auto-resume"),
                        clientAsked,
                        guarded,
                        turn.choice("on-partition", Map.of("close", false, "keep", true), false),
                        turn.flag("knocks-call"),
                        turn.flag("halt-survives-restart"),
                        turn.duration("ageing-half-life", Duration.ofSeconds(1)),
                        turn.duration("first-check", Duration.ZERO),
                        turn.duration("queue-check-every", MOMENT),
                        turn.duration("transition-every", MOMENT),
                        turn.duration("connections-every", MOMENT),
                        turn.duration("unhalt-after", Duration.ZERO),
                        turn.duration("enqueue-check", Duration.ZERO),
                        turn.duration("idle-check-min", Duration.ZERO),
                        turn.duration("idle-check-max", Duration.ZERO),
                        turn.duration("election-timeout", MOMENT),
                        turn.duration("legacy-election-timeout", MOMENT),
                        turn.duration("handover-timeout", MOMENT),
                        turn.duration("handover-quiet", Duration.ZERO),
                        turn.duration("handover-drain", Duration.ZERO),
                        turn.duration("linger", Duration.ZERO),
                        turn.duration("max", Duration.ZERO));
        turn.done();
        if (settings.idleCheckMin().compareTo(settings.idleCheckMax()) > 0) {
            turn.problem("idle-check-max", "expected at least idle-check-min");
        }
        if (settings.handoverDrain().compareTo(settings.handoverTimeout()) > 0) {
            turn.warn(
                    "handover-drain",
                    "longer than handover-timeout: the next gate may open while ours still drains");
        }
        return settings;
    }
}
