package org.svcshare.turn;

import java.time.Duration;

/// The rules one bot plays by. Defaults, units and reasons stand in `reference.conf` under `turn`.
///
/// @param owner the owner's nick, one word
/// @param version what `version` answers
/// @param clientAsked whether there is a client program that can be asked for its queue
/// @param guarded whether a gate opens only under a lease of a pool
/// @param keepGateWhenLost `on-partition = keep`
/// @param knocksCall whether a knock at the closed gate may call a `free` election
/// @param turnMax zero for no limit
/// @param handoverDrain how long a yielding gate lets open connections finish; zero cuts at once
public record TurnSettings(
        String owner,
        String version,
        Policy policy,
        boolean autoResume,
        boolean clientAsked,
        boolean guarded,
        boolean keepGateWhenLost,
        boolean knocksCall,
        boolean haltSurvivesRestart,
        Duration ageingHalfLife,
        Duration firstCheck,
        Duration queueCheckEvery,
        Duration transitionEvery,
        Duration connectionsEvery,
        Duration unhaltAfter,
        Duration enqueueCheck,
        Duration idleCheckMin,
        Duration idleCheckMax,
        Duration electionTimeout,
        Duration legacyElectionTimeout,
        Duration handoverTimeout,
        Duration handoverQuiet,
        Duration handoverDrain,
        Duration turnLinger,
        Duration turnMax) {

    /// The defaults of `reference.conf`, which a test holds against it.
    public static TurnSettings defaults(String owner, String version) {
        return new TurnSettings(
                owner,
                version,
                Policy.SMALLEST_QUEUE,
                true,
                true,
                false,
                false,
                true,
                false,
                Duration.ofHours(1),
                Duration.ofSeconds(10),
                Duration.ofSeconds(1800),
                Duration.ofSeconds(60),
                Duration.ofSeconds(10),
                Duration.ofSeconds(8),
                Duration.ofSeconds(10),
                Duration.ofSeconds(180),
                Duration.ofSeconds(300),
                Duration.ofSeconds(5),
                Duration.ofSeconds(20),
                Duration.ofSeconds(10),
                Duration.ofSeconds(2),
                Duration.ZERO,
                Duration.ofSeconds(30),
                Duration.ZERO);
    }

    /// The same with or without a guard.
    public TurnSettings withGuard(boolean wanted) {
        return new TurnSettings(
                owner,
                version,
                policy,
                autoResume,
                clientAsked,
                wanted,
                keepGateWhenLost,
                knocksCall,
                haltSurvivesRestart,
                ageingHalfLife,
                firstCheck,
                queueCheckEvery,
                transitionEvery,
                connectionsEvery,
                unhaltAfter,
                enqueueCheck,
                idleCheckMin,
                idleCheckMax,
                electionTimeout,
                legacyElectionTimeout,
                handoverTimeout,
                handoverQuiet,
                handoverDrain,
                turnLinger,
                turnMax);
    }
}
