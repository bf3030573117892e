package org.svcshare.turn;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Does what people ask for (svcshare 0.3, section 9, and our own commands).
final class CommandDesk {
    private static final double MB = 1024 * 1024;

    /// Where an election goes that a person asked for.
    interface Caller {
        void callByHand(boolean major, Asker asker);

        /// Drops what this bot asked the others for itself alone.
        void abandon();
    }

    private final Situation at;
    private final Outbox out;
    private final Handover handover;
    private final Checks checks;
    private final PoolDesk poolDesk;
    private final GroupDesk groupDesk;
    private final ReplicaDesk replicaDesk;
    private final Runnable keep;
    private @Nullable Caller caller;
    private @Nullable Asker pausing;

    CommandDesk(
            Situation at,
            Outbox out,
            Handover handover,
            Checks checks,
            PoolDesk poolDesk,
            GroupDesk groupDesk,
            ReplicaDesk replicaDesk,
            Runnable keep) {
        this.at = at;
        this.out = out;
        this.handover = handover;
        this.checks = checks;
        this.poolDesk = poolDesk;
        this.groupDesk = groupDesk;
        this.replicaDesk = replicaDesk;
        this.keep = keep;
    }

    void callThrough(Caller through) {
        caller = through;
    }

    void asked(Asker asker, Command command) {
        switch (command) {
            case Command.Status(boolean quiet) -> {
                if (!quiet || at.traffic.connections() > 0) {
                    out.answer(asker, Texts.status(at));
                }
            }
            case Command.Version() -> out.answer(asker, Texts.version(at.settings.version()));
            case Command.Election() -> election(asker);
            case Command.Enqueue(List<String> ids) ->
                    out.add(new TurnEffect.EnqueueClient(asker, ids));
            case Command.Force(long allotmentMb) -> force(asker, allotmentMb);
            case Command.Halt(Duration length) -> halt(asker, length);
            case Command.Unhalt() -> unhalt(asker);
            case Command.Pause() -> pause(asker);
            case Command.Nick(String nick) -> {
                noteCommand(asker, "nick " + nick);
                out.add(new TurnEffect.Rename(nick));
            }
            case Command.Why() -> out.answer(asker, at.why());
            case Command.Who() -> out.answer(asker, who());
            case Command.Queue() -> out.answer(asker, queue());
            case Command.Next(boolean cancel) -> next(asker, cancel);
            case Command.History(int entries) -> history(asker, entries);
            case Command.Pools(PoolWish wish) -> poolDesk.wishes(asker, wish);
            case Command.Group(GroupWish wish) -> groupDesk.wishes(asker, wish);
            case Command.Replicas(ReplicaWish wish) -> replicaDesk.wishes(asker, wish);
        }
    }

    private void election(Asker asker) {
        if (at.halt.inForce()) {
            out.answer(asker, Texts.halted(at));
            return;
        }
        at.asked = true;
        at.rests = false;
        noteCommand(asker, "election");
        if (caller != null) {
            caller.callByHand(true, asker);
        }
    }

    private void force(Asker asker, long allotmentMb) {
        double grantedMb =
                at.queue.known()
                        ? Math.min((double) allotmentMb, at.queueMb())
                        : (double) allotmentMb;
        long grantedBytes = (long) (grantedMb * MB);
        noteCommand(asker, "force " + allotmentMb);
        if (at.halt.byHand()) {
            at.halt.end();
            out.cancel(Timer.HALT_END);
            out.note(new Happening.Unhalted(asker.nick()));
        }
        at.halt.technical(false);
        String text = Texts.forced(grantedMb);
        if (asker.direct()) {
            out.answer(asker, text);
        }
        at.force.grant(grantedBytes, at.traffic.movedBytes());
        if (grantedBytes > 0) {
            out.note(new Happening.ForceBegan((long) grantedMb, asker.nick()));
        }
        boolean held = at.holds;
        handover.take(text, asker.nick() + " forced " + at.nick + ".");
        if (held) {
            out.add(new TurnEffect.ResumeClient());
            keep.run();
        }
    }

    private void halt(Asker asker, Duration length) {
        at.halt.begin(length, at.now);
        if (length.isZero()) {
            out.cancel(Timer.HALT_END);
        } else {
            out.start(Timer.HALT_END, length);
        }
        noteCommand(asker, "halt");
        out.note(new Happening.Halted(length, asker.nick()));
        out.answerAndTell(asker, Texts.halting(length));
        at.asked = false;
        at.force.clear();
        if (caller != null) {
            caller.abandon();
        }
        if (at.holds) {
            handover.release("halted by " + asker.nick(), Duration.ZERO);
        } else {
            handover.shut();
        }
        keep.run();
    }

    private void unhalt(Asker asker) {
        if (!at.halt.byHand()) {
            out.answer(asker, Texts.NOT_HALTED);
            return;
        }
        noteCommand(asker, "unhalt");
        endHalt(asker.nick());
        out.answerAndTell(asker, Texts.UNHALTED);
        checks.look();
    }

    /// A timed halt is over.
    void haltEnded() {
        if (at.halt.byHand() && at.halt.until() != null) {
            endHalt("time");
            out.chat("Halt has ended.");
            checks.look();
        }
    }

    private void endHalt(String by) {
        at.halt.end();
        out.cancel(Timer.HALT_END);
        out.note(new Happening.Unhalted(by));
        keep.run();
    }

    private void pause(Asker asker) {
        noteCommand(asker, "pause");
        pausing = asker;
        at.force.clear();
        at.asked = false;
        at.rests = true;
        if (at.holds) {
            handover.release("paused by " + asker.nick(), Duration.ZERO);
            at.rests = true;
        } else {
            handover.shut();
            keep.run();
        }
    }

    /// The client program did, or did not, pause.
    void clientPaused(boolean done) {
        if (pausing != null) {
            boolean all = done && at.settings.clientAsked();
            out.answerAndTell(pausing, all ? Texts.PAUSED : Texts.PAUSED_GATE_ONLY);
            pausing = null;
        }
    }

    void enqueued(Asker asker, List<String> ids, String detail) {
        if (ids.isEmpty()) {
            out.answer(asker, "Failed to queue items.");
            at.decided("Failed to queue items: " + detail + ".");
            return;
        }
        noteCommand(asker, "enqueue " + String.join(" ", ids));
        out.answer(asker, "Queued: " + String.join(", ", ids));
        out.add(new TurnEffect.AskClient());
        checks.soon(at.settings.enqueueCheck());
    }

    private String who() {
        var bots = new ArrayList<String>();
        String holder = handover.holderNick().orElse("");
        for (Peers.Peer peer : at.peers.all()) {
            var facts = new ArrayList<String>();
            if (!peer.owner().isEmpty()) {
                facts.add("of " + peer.owner());
            }
            facts.add(peer.modern() ? peer.version() : "0.3 or older");
            if (at.peers.same(peer.nick(), holder)) {
                facts.add("has the turn");
            }
            bots.add(peer.nick() + " (" + String.join(", ", facts) + ")");
        }
        String self = at.nick + " (this bot" + (at.holds ? ", has the turn)" : ")");
        return bots.isEmpty()
                ? self + " is alone."
                : Texts.format("%d bots: %s, %s", bots.size() + 1, self, String.join(", ", bots));
    }

    private String queue() {
        String text = Texts.queue(at);
        if (at.holds) {
            return text + Texts.format(" - has turn %d.", handover.turn());
        }
        long minutes = at.queue.waited(at.now).toMinutes();
        return at.queueMb() > 0 ? text + Texts.format(" - waiting for %d min.", minutes) : text;
    }

    private void next(Asker asker, boolean cancel) {
        if (cancel) {
            at.asked = false;
            at.tell = null;
            out.answerAndTell(asker, "Not asking for the next turn any more.");
            return;
        }
        if (at.halt.inForce()) {
            out.answer(asker, Texts.halted(at));
            return;
        }
        if (at.holds) {
            out.answer(asker, "It is this bot's turn already.");
            return;
        }
        at.asked = true;
        at.rests = false;
        at.tell = asker.nick();
        noteCommand(asker, "next");
        out.answerAndTell(asker, "Asking for the next turn.");
        if (caller != null) {
            caller.callByHand(false, asker);
        }
    }

    private void history(Asker asker, int entries) {
        List<String> decisions = at.decisions();
        if (decisions.isEmpty()) {
            out.answer(asker, at.why());
            return;
        }
        int from = Math.max(0, decisions.size() - Math.clamp(entries, 1, 20));
        for (String decision : decisions.subList(from, decisions.size())) {
            out.answerPrivately(asker, decision);
        }
    }

    private void noteCommand(Asker asker, String command) {
        out.note(new Happening.Commanded(asker.nick(), command.toLowerCase(Locale.ROOT)));
    }
}
