package org.svcshare.cluster;

import java.time.Duration;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.cluster.RaftChanges.Progress;

/// A leader that is stopped lets another one lead before it goes: without that the others wait for
/// an election timeout until they notice.
///
/// @param sight what this node knows of the others
record Departure(ClusterSettings settings, RaftNode node, GroupSight sight) {
    private static final Logger LOG = LoggerFactory.getLogger(Departure.class);

    /// Who lacks more entries would have to get them first, and nothing is taken meanwhile.
    private static final long NEAR = 1_000;

    private static final Duration SHORTLY = Duration.ofMillis(1);

    /// Returns when another leads, nobody can, or an election timeout is over: to be missed takes
    /// the others about as long.
    void handOver() throws InterruptedException {
        long began = System.nanoTime();
        long until = began + settings.electionTimeout().toNanos();
        RaftChanges raft = node.changes();
        if (raft == null || !node.leads()) {
            return;
        }
        var tried = new HashSet<String>();
        Optional<String> heir = othersDecide() ? heir(raft, tried) : Optional.empty();
        if (heir.isPresent()) {
            node.handsOver(true);
            while (node.writes() && left(until).isPositive()) {
                Thread.sleep(SHORTLY);
            }
        }
        while (heir.isPresent() && node.leads() && left(until).isPositive()) {
            if (takesOver(raft, heir.get(), left(until))) {
                LOG.atInfo()
                        .addKeyValue("node", heir.get())
                        .addKeyValue("ms", (System.nanoTime() - began) / 1_000_000)
                        .log("another one leads the pools from now on");
                return;
            }
            tried.add(heir.get());
            heir = heir(raft, tried);
        }
        node.handsOver(false);
        if (node.configuration().members().size() > 1) {
            LOG.info("nobody takes over at once to lead the pools");
        }
    }

    /// Whether those who stay are a majority: who leads without one gets nothing through.
    private boolean othersDecide() {
        int there = sight.reachable().size() - 1;
        return there > node.configuration().members().size() / 2;
    }

    private static Duration left(long until) {
        return Duration.ofMillis((until - System.nanoTime()) / 1_000_000);
    }

    private static boolean takesOver(RaftChanges raft, String heir, Duration limit)
            throws InterruptedException {
        try {
            Members.await(raft.transfer(heir, limit), limit);
            return true;
        } catch (GroupException e) {
            LOG.debug("{} does not take over: {}", heir, e.why());
            return false;
        }
    }

    /// Ratis hands over to one of those who should lead before all others, and to nobody else.
    private Optional<String> heir(RaftChanges raft, Set<String> tried) {
        RaftNode.Configuration at = node.configuration();
        int first = at.members().stream().mapToInt(Member::priority).min().orElse(0);
        var followers = raft.followers();
        long last = raft.last();
        Predicate<Member> fit =
                member -> {
                    Progress progress = followers.get(member.id());
                    return progress != null
                            && sight.heard(progress)
                            && last - progress.match() < NEAR;
                };
        return at.members().stream()
                .filter(member ->
                        !member.id().equals(settings.self())
                                && !member.off()
                                && member.priority() == first
                                && !tried.contains(member.id()))
                .filter(fit)
                .max(
                        Comparator.comparingLong(member -> {
                            Progress progress = followers.get(member.id());
                            return progress == null ? -1 : progress.match();
                        }))
                .map(Member::id);
    }
}
