package org.svcshare.engine;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine.Answer;
import org.svcshare.pool.PoolEngine.Failure;

/// Gives answers to callers whose mistakes must not stop an engine.
final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);

    private Answers() {}

    static void outcome(Answer answer, Outcome outcome) {
        try {
            answer.outcome(outcome);
        } catch (RuntimeException e) {
            LOG.error("an answer of the pools was not taken", e);
        }
    }

    static void failed(Answer answer, Failure failure) {
        try {
            answer.failed(failure);
        } catch (RuntimeException e) {
            LOG.error("an answer of the pools was not taken", e);
        }
    }
}
