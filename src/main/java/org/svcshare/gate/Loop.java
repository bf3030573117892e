package org.svcshare.gate;

import java.util.concurrent.Executor;

/// One thread that owns connections and waits for nothing but its sockets, its tasks and its clock.
///
/// Tasks may come from any thread; once the loop has ended they are refused with a
/// [java.util.concurrent.RejectedExecutionException].
interface Loop extends Executor {

    /// Runs a task later; on this loop only.
    void schedule(Runnable task, long delayNanos);

    boolean inLoop();
}
