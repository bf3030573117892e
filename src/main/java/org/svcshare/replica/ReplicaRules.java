package org.svcshare.replica;

import java.time.Duration;

/// How writes are carried on; the settings explain each.
///
/// @param lag a node whose oldest write is older is not waited for any more
public record ReplicaRules(
        AnswerRule answer,
        Duration timeout,
        Duration lag,
        boolean parkRefused,
        Duration refusedFor,
        Duration firstPause,
        Duration longestPause,
        int inFlight,
        int queueWrites,
        int parked,
        boolean readsOutOfStep) {}
