package org.svcshare.turn;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.PeerMessage.Vote;
import org.svcshare.turn.PeerMessage.VoteState;

/// The facts that the parts of a [TurnKeeper] share: who and where this bot is, what it has to do,
/// and what it may do. Facts only; who changes them is said at each.
final class Situation {
    private static final int REMEMBERED = 20;
    private static final double MB = 1024 * 1024;

    final TurnSettings settings;
    final RandomGenerator random;
    final String bootId;
    final Peers peers = new Peers();
    final Halt halt = new Halt();
    final Force force = new Force();
    final Usage usage;
    final ClientQueue queue;
    final Traffic traffic = new Traffic();

    /// When the present event happened; set by the keeper.
    Instant now = Instant.EPOCH;

    /// Set by the keeper on joins, losses and renames.
    String nick = "";

    boolean inChannel;

    /// When it last joined; kept by the keeper.
    Instant joinedAt = Instant.EPOCH;

    boolean stopping;

    /// When the last member left; its gate may close a moment after it.
    Instant companyUntil = Instant.EPOCH;

    /// Somebody asked this bot to run, so it stands in elections even without auto-resume.
    boolean asked;

    /// Who asked with `next` and wants to be told; null for nobody.
    @Nullable String tell;

    /// Paused by hand: it does not stand in elections until its next look at the queue.
    boolean rests;

    /// The longest turn is over: it does not stand in the election that ends it.
    boolean givesWay;

    /// The gate could not open: it does not stand until then.
    Instant brokenUntil = Instant.MIN;

    /// Whether this bot has the turn, kept by [Handover].
    boolean holds;

    /// The fencing token of the lease that it has; 0 for none. Kept by [Handover].
    long fence;

    /// What the lease is waited for; empty for nothing. Kept by [Handover].
    String awaiting = "";

    private final Deque<String> decisions = new ArrayDeque<>();
    private String why = "Nothing has been decided yet.";

    Situation(TurnSettings settings, KeptState kept, RandomGenerator random) {
        this.settings = settings;
        this.random = random;
        this.bootId = String.format("%016x", random.nextLong());
        this.usage = new Usage(kept.usedBytesByDay());
        this.queue = new ClientQueue(settings.clientAsked());
    }

    double queueMb() {
        return queue.mb(now);
    }

    /// Whether it may call an election of its own accord.
    boolean mayCall() {
        return inChannel && !stopping && !halt.inForce() && !broken();
    }

    /// Nobody is here, not even a person, nor was just now.
    boolean alone() {
        return peers.noMembers() && now.isAfter(companyUntil.plus(settings.handoverTimeout()));
    }

    boolean broken() {
        return now.isBefore(brokenUntil);
    }

    boolean forced() {
        return holds && force.active(traffic.movedBytes());
    }

    VoteState voteState() {
        if (halt.inForce() || stopping) {
            return VoteState.HALTED;
        }
        if (forced()) {
            return VoteState.FORCED;
        }
        if (holds) {
            return VoteState.RUNNING;
        }
        if (broken() || rests) {
            return VoteState.IDLE;
        }
        return settings.autoResume() || asked ? VoteState.READY : VoteState.IDLE;
    }

    /// This bot's ballot, rounded as it goes over the wire so that everybody counts the same. One
    /// that gives way runs, but claims nothing.
    Vote vote(String election) {
        return new Vote(
                election,
                givesWay ? 0 : Math.ceil(queueMb() * 10) / 10,
                givesWay ? 0 : traffic.connections(),
                queue.waited(now).toSeconds(),
                Math.round(usage.decayedMb(now) * 10) / 10.0,
                voteState(),
                Math.ceil(force.leftBytes(traffic.movedBytes()) / MB * 10) / 10);
    }

    /// Remembers a decision for `why` and `history`.
    void decided(String sentence) {
        why = sentence;
        decisions.addLast(now.toString().substring(11, 19) + " " + sentence);
        if (decisions.size() > REMEMBERED) {
            decisions.removeFirst();
        }
    }

    String why() {
        if (!awaiting.isEmpty()) {
            return why + " " + Texts.awaiting(awaiting) + ".";
        }
        return fence > 0 ? why + " Its lease has the fencing token " + fence + "." : why;
    }

    List<String> decisions() {
        return List.copyOf(decisions);
    }

    /// A random time between two, for things that several bots would otherwise do at once.
    Duration between(Duration least, Duration most) {
        long spreadMs = most.minus(least).toMillis();
        return spreadMs <= 0 ? least : least.plusMillis(random.nextLong(spreadMs + 1));
    }
}
