package org.svcshare.bot;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.svcshare.pool.Mode;
import org.svcshare.pool.Operation;
import org.svcshare.pool.Outcome;
import org.svcshare.pool.PoolEngine;
import org.svcshare.pool.RequestId;
import org.svcshare.pool.TableView;
import org.svcshare.pool.TicketView;

/// A pool of this node as a lock, once the node's engine runs. Asked for anew every now and then
/// rather than waited for: a question costs nothing here.
public final class PoolLock implements Lock {
    /// The place in the queue of a bot that has died is kept for so long.
    private static final Duration IN_QUEUE = Duration.ofHours(1);

    private final Supplier<Optional<PoolEngine>> engines;
    private final String pool;

    /// @param engines the node's engine, or empty while it has none
    public PoolLock(Supplier<Optional<PoolEngine>> engines, String pool) {
        this.engines = engines;
        this.pool = pool;
    }

    @Override
    public void acquire(RequestId id, Wanted wanted, Duration patience, Consumer<Answer> then) {
        propose(
                new Operation.Acquire(
                        id,
                        pool,
                        wanted.holder(),
                        wanted.reason(),
                        Mode.EXCLUSIVE,
                        IN_QUEUE.toMillis(),
                        wanted.lease().toMillis(),
                        0,
                        false),
                then);
    }

    @Override
    public void renew(RequestId id, Duration lease, Consumer<Answer> then) {
        propose(new Operation.Renew(id, pool, lease.toMillis()), then);
    }

    @Override
    public void release(RequestId id, Consumer<Answer> then) {
        propose(new Operation.Release(id, pool), then);
    }

    private void propose(Operation operation, Consumer<Answer> then) {
        Optional<PoolEngine> engine = engines.get();
        if (engine.isEmpty()) {
            then.accept(new Answer.Failed("the pools of this node do not run"));
            return;
        }
        propose(engine.get(), operation, then);
    }

    private void propose(PoolEngine engine, Operation operation, Consumer<Answer> then) {
        engine.propose(
                operation,
                new PoolEngine.Answer() {
                    @Override
                    public void outcome(Outcome outcome) {
                        tell(engine, outcome, then);
                    }

                    @Override
                    public void failed(PoolEngine.Failure failure) {
                        then.accept(new Answer.Failed(failure.why()));
                    }
                });
    }

    private void tell(PoolEngine engine, Outcome outcome, Consumer<Answer> then) {
        switch (outcome) {
            case Outcome.Granted granted -> then.accept(new Answer.Held(granted.fence()));
            case Outcome.Queued _ ->
                    engine.read(
                            this::holder,
                            holder -> then.accept(new Answer.Waits(holder == null ? "" : holder)));
            case Outcome.Released _, Outcome.Done _ -> then.accept(new Answer.GivenBack());
            case Outcome.Refused refused -> then.accept(new Answer.Refused(refused.why()));
        }
    }

    private String holder(TableView table) {
        return table.tickets(Optional.of(pool), 1).stream()
                .filter(ticket -> ticket.state() != TicketView.State.WAITING)
                .map(TicketView::holder)
                .findFirst()
                .orElse("");
    }
}
