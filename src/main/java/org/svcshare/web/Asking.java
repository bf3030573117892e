package org.svcshare.web;

import org.jspecify.annotations.Nullable;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.Refusal;

/// One operation whose outcome answers one request.
final class Asking implements PoolEngine.Answer, Mailbox.Letter {
    /// For operations whose outcome nobody waits for.
    static final PoolEngine.Answer NOBODY =
            new PoolEngine.Answer() {
                @Override
                public void outcome(Outcome outcome) {}

                @Override
                public void failed(PoolEngine.Failure failure) {}
            };

    private final Call call;
    private final Then then;
    private Otherwise otherwise = Call::problem;

    // Written by the engine's thread.
    private volatile @Nullable Outcome outcome;
    private volatile PoolEngine.@Nullable Failure failure;

    /// On the loop.
    interface Then {
        void outcome(Call call, Outcome outcome);
    }

    /// On the loop.
    interface Otherwise {
        void failed(Call call, Problem problem, String why);
    }

    Asking(Call call, Then then) {
        this.call = call;
        this.then = then;
    }

    /// Nothing is said of what was done.
    static void done(Call call, Outcome outcome) {
        switch (outcome) {
            case Outcome.Refused(Refusal why) -> call.problem(Problem.of(why), Problem.advice(why));
            case Outcome.Released _, Outcome.Granted _, Outcome.Queued _, Outcome.Done _ ->
                    call.answerNothing();
        }
    }

    Asking otherwise(Otherwise other) {
        otherwise = other;
        return this;
    }

    void propose(Operation operation) {
        call.loop.site.engine().propose(operation, this);
    }

    @Override
    public void outcome(Outcome what) {
        outcome = what;
        call.loop.mailbox.post(this);
    }

    @Override
    public void failed(PoolEngine.Failure what) {
        failure = what;
        call.loop.mailbox.post(this);
    }

    @Override
    public void opened() {
        if (outcome != null) {
            then.outcome(call, outcome);
        } else if (failure != null) {
            otherwise.failed(call, Problem.of(failure), failure.why());
        }
    }
}
