package org.svcshare.sim;

import java.time.Duration;
import org.svcshare.turn.Policy;
import org.svcshare.turn.TurnSettings;

/// Turn settings that differ from the defaults in a few things.
final class SimSettings {
    private final TurnSettings d;
    private Policy policy;
    private boolean autoResume;
    private boolean guarded;
    private boolean keepGateWhenLost;
    private boolean haltSurvivesRestart;
    private Duration ageingHalfLife;
    private Duration queueCheckEvery;
    private Duration handoverDrain;
    private Duration turnLinger;
    private Duration turnMax;

    private SimSettings(TurnSettings defaults) {
        d = defaults;
        policy = d.policy();
        autoResume = d.autoResume();
        guarded = d.guarded();
        keepGateWhenLost = d.keepGateWhenLost();
        haltSurvivesRestart = d.haltSurvivesRestart();
        ageingHalfLife = d.ageingHalfLife();
        queueCheckEvery = d.queueCheckEvery();
        handoverDrain = d.handoverDrain();
        turnLinger = d.turnLinger();
        turnMax = d.turnMax();
    }

    static SimSettings of(String name) {
        return new SimSettings(TurnSettings.defaults("owner-of-" + name, "test"));
    }

    SimSettings policy(Policy wanted) {
        policy = wanted;
        return this;
    }

    SimSettings autoResume(boolean wanted) {
        autoResume = wanted;
        return this;
    }

    SimSettings guarded(boolean wanted) {
        guarded = wanted;
        return this;
    }

    SimSettings keepGateWhenLost(boolean wanted) {
        keepGateWhenLost = wanted;
        return this;
    }

    SimSettings haltSurvivesRestart(boolean wanted) {
        haltSurvivesRestart = wanted;
        return this;
    }

    SimSettings ageingHalfLife(Duration wanted) {
        ageingHalfLife = wanted;
        return this;
    }

    SimSettings queueCheckEvery(Duration wanted) {
        queueCheckEvery = wanted;
        return this;
    }

    SimSettings handoverDrain(Duration wanted) {
        handoverDrain = wanted;
        return this;
    }

    SimSettings turnLinger(Duration wanted) {
        turnLinger = wanted;
        return this;
    }

    SimSettings turnMax(Duration wanted) {
        turnMax = wanted;
        return this;
    }

    TurnSettings build() {
        return new TurnSettings(
                d.owner(),
                d.version(),
                policy,
                autoResume,
                d.clientAsked(),
                guarded,
                keepGateWhenLost,
                d.knocksCall(),
                haltSurvivesRestart,
                ageingHalfLife,
                d.firstCheck(),
                queueCheckEvery,
                d.transitionEvery(),
                d.connectionsEvery(),
                d.unhaltAfter(),
                d.enqueueCheck(),
                d.idleCheckMin(),
                d.idleCheckMax(),
                d.electionTimeout(),
                d.legacyElectionTimeout(),
                d.handoverTimeout(),
                d.handoverQuiet(),
                handoverDrain,
                turnLinger,
                turnMax);
    }
}
