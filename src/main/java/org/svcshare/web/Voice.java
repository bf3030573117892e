package org.svcshare.web;

import org.svcshare.pool.Refusal;

/// How what became of a ticket is told to one kind of client.
interface Voice {
    /// @param fresh whether it was granted just now, rather than before
    /// @param untilMs when the lease ends; [Long#MAX_VALUE]: when it is released
    record Grant(long ticket, long fence, long untilMs, boolean fresh) {}

    void granted(TicketWait wait, Grant grant);

    /// It waits, and the request is over.
    void queued(TicketWait wait, long ticket, int ahead, long untilMs);

    void refused(TicketWait wait, Refusal why);

    void failed(TicketWait wait, Problem problem, String why);
}
