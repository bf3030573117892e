package org.svcshare.cluster;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.cluster.RaftChanges.Progress;
import org.svcshare.pool.GroupChange;

/// Sees to it that those lead who should: who was elected because its log was the longest gives it
/// on to one who should rather lead, and who is off does not even begin.
///
/// For one thread, the proposer's.
final class Succession {
    private static final Logger LOG = LoggerFactory.getLogger(Succession.class);
    private static final long LOOK_NANOS = 50_000_000;

    /// A node that only would be better is not worth a stop more often.
    private static final Duration AGAIN = Duration.ofSeconds(10);

    private static final long NEAR = 1_000;

    /// After how many election timeouts a leader that gets nothing through gives up; one that hears
    /// no majority does so by itself before.
    private static final int STUCK_ELECTIONS = 4;

    private final ClusterSettings settings;
    private final RaftNode node;
    private final GroupSight sight;
    private @Nullable CompletableFuture<Void> trying;
    private long nextLookNanos = System.nanoTime();
    private long nextTryNanos = System.nanoTime();
    private boolean leaves;

    /// Since when this node is elected and gets nothing through; 0 while that is not so.
    private long stuckNanos;

    Succession(ClusterSettings settings, RaftNode node, GroupSight sight) {
        this.settings = settings;
        this.node = node;
        this.sight = sight;
    }

    /// Whether this node, which was elected, leaves it to another to lead the pools; begins to hand
    /// over if so. Costs next to nothing when asked often.
    boolean leavesItToAnother() {
        long now = System.nanoTime();
        if (now - nextLookNanos >= 0) {
            nextLookNanos = now + LOOK_NANOS;
            leaves = look(now);
        }
        return leaves;
    }

    /// Has another election when this node was elected and gets nothing through. A follower that
    /// came back meanwhile may not find its place, and without it there is no entry that would help
    /// (RATIS-2523).
    void beginAnew() {
        long now = System.nanoTime();
        RaftChanges raft = node.changes();
        if (raft == null || !node.begins()) {
            stuckNanos = 0;
        } else if (stuckNanos == 0) {
            stuckNanos = now;
        } else if (now - stuckNanos > STUCK_ELECTIONS * settings.electionTimeout().toNanos()) {
            stuckNanos = now;
            LOG.info("elected, but nothing gets through: there is another election");
            var _ = raft.stepDown(sight.patience());
        }
    }

    private boolean look(long now) {
        RaftChanges raft = node.changes();
        RaftNode.Configuration at = node.configuration();
        Optional<Member> found = at.member(settings.self());
        if (raft == null || found.isEmpty()) {
            return false;
        }
        Member me = found.get();
        Optional<Heir> heir = heir(at.members(), me, raft.followers());
        if (heir.isEmpty()) {
            return false;
        }
        if (now - nextTryNanos >= 0 && (trying == null || trying.isDone())) {
            handOver(raft, me, heir.get(), first(at.members()), now);
        }
        return me.off();
    }

    private record Heir(Member member, long match) {}

    private Optional<Heir> heir(List<Member> members, Member me, Map<String, Progress> followers) {
        var heirs = new ArrayList<Heir>();
        for (Member other : members) {
            Progress progress = followers.get(other.id());
            if (other.priority() < me.priority() && progress != null && sight.heard(progress)) {
                heirs.add(new Heir(other, progress.match()));
            }
        }
        return heirs.stream()
                .min(
                        Comparator.comparingInt((Heir heir) -> heir.member.priority())
                                .thenComparingLong(heir -> -heir.match));
    }

    private static int first(List<Member> members) {
        return members.stream().mapToInt(Member::priority).min().orElse(GroupChange.USUAL);
    }

    private void handOver(RaftChanges raft, Member me, Heir heir, int first, long now) {
        long lag = raft.last() - heir.match;
        String to = heir.member.id();
        if (heir.member.priority() == first && (me.off() || lag < NEAR)) {
            LOG.info("{} leads, and hands over to {}", me.id(), to);
            trying = raft.transfer(to, sight.patience());
        } else if (me.off() && lag <= 0) {
            // Ratis hands over to the first alone, who is away. In an election this node has no
            // chance against one that has the same entries.
            LOG.info("{} leads, and lets {} be elected", me.id(), to);
            trying = raft.stepDown(sight.patience());
        } else {
            return;
        }
        nextTryNanos = now + (me.off() ? LOOK_NANOS : AGAIN.toNanos());
    }
}
