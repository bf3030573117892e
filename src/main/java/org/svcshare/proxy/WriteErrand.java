package org.svcshare.proxy;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.svcshare.journal.SharedLog;
import org.svcshare.replica.Reply;

/// A write on its way to the node that leads, from one leader to the next if need be: its key tells
/// each whether it has it already. For the thread that owns the replicas.
final class WriteErrand implements WriteClient {
    private static final long PAUSE_MS = 20;

    /// What the leader takes for itself: it waits for the nodes as long as a client may.
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final GroupReplicas group;
    private final SharedLog shared;
    private final WriteRequest request;
    private final WriteClient client;
    private final long untilNanos;

    /// Whether somebody may have taken it.
    private boolean perhaps;

    private byte @Nullable [] letter;

    WriteErrand(
            GroupReplicas group,
            SharedLog shared,
            WriteRequest request,
            WriteClient client,
            Duration limit) {
        this.group = group;
        this.shared = shared;
        this.request = request;
        this.client = client;
        this.untilNanos = System.nanoTime() + limit.plus(GRACE).toNanos();
    }

    void go() {
        ReplicaLoop here = group.leading();
        if (here != null) {
            here.submit(request, this);
            return;
        }
        SharedLog.Standing standing = shared.standing();
        String trouble = group.trouble(standing);
        if (trouble != null || standing.leads()) {
            later(trouble == null ? "this node begins to lead" : trouble);
            return;
        }
        byte[] question = letter == null ? Errand.write(new Errand.Write(request)) : letter;
        letter = question;
        Duration left = Duration.ofNanos(Math.max(1, untilNanos - System.nanoTime()));
        shared.ask(question, left, answer -> group.loop().execute(() -> heard(answer)));
    }

    private void heard(Optional<ByteBuffer> answer) {
        if (answer.isEmpty()) {
            perhaps = true;
            later("the node that leads did not answer");
            return;
        }
        switch (Errand.readOutcome(answer.get())) {
            case Errand.Outcome.Answered(Receipt receipt, Reply reply, NodeAnswer said) ->
                    answered(receipt, reply, said);
            case Errand.Outcome.Refused(Refusal refusal) -> refused(refusal);
            case Errand.Outcome.Changed _ -> {
                perhaps = true;
                later("the node that leads answered something else");
            }
        }
    }

    @Override
    public void answered(Receipt receipt, Reply reply, @Nullable NodeAnswer answer) {
        group.errandEnded();
        client.answered(receipt, reply, answer);
    }

    private void end(Refusal refusal) {
        group.errandEnded();
        client.refused(refusal);
    }

    @Override
    public void refused(Refusal refusal) {
        boolean moved = refusal.equals(GroupReplicas.MOVED) || WriteDesk.isNotTaken(refusal);
        boolean again = perhaps && refusal.equals(WriteDesk.UNDER_WAY);
        if (moved || again) {
            perhaps = true;
            later(refusal.detail());
        } else {
            end(refusal);
        }
    }

    private void later(String why) {
        if (System.nanoTime() < untilNanos) {
            var _ = group.loop().schedule(this::go, PAUSE_MS, TimeUnit.MILLISECONDS);
        } else if (perhaps) {
            end(
                    Refusal.later(
                            HttpResponseStatus.GATEWAY_TIMEOUT,
                            "It is not known what became of the write",
                            why + "; sent again with the same idempotency key it is done once"));
        } else {
            end(Refusal.later(HttpResponseStatus.SERVICE_UNAVAILABLE, "No writes are taken", why));
        }
    }
}
