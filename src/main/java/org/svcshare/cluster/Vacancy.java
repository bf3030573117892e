package org.svcshare.cluster;

import java.io.IOException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.cluster.Question.Reply;

/// Sees to it that another leads soon after the leader's process is gone: Ratis' followers would
/// wait for an election timeout, mostly for two. They stand for election one after the other, so
/// that their votes do not split, and first who has most of the log, since nobody else is elected.
///
/// A connection that only broke does no harm but an election.
final class Vacancy {
    private static final Logger LOG = LoggerFactory.getLogger(Vacancy.class);

    /// Within which the others say how far they are, or are not counted.
    private static final Duration ASKING = Duration.ofMillis(150);

    private final ClusterSettings settings;
    private final RaftNode node;
    private final PeerCall calls;

    // The proposer's thread.

    private Optional<String> seen = Optional.empty();

    Vacancy(ClusterSettings settings, RaftNode node) {
        this.settings = settings;
        this.node = node;
        calls = new PeerCall(settings);
    }

    /// By the proposer's thread; costs next to nothing.
    ///
    /// @param gone the leader whose process is gone
    void look(Optional<String> gone) {
        if (!gone.equals(seen)) {
            seen = gone;
            gone.ifPresent(leader -> Thread.ofVirtual().name("stand").start(() -> stand(leader)));
        }
    }

    /// Who could lead.
    record Heir(Member member, Reply.Far far) {}

    private void stand(String leader) {
        List<Member> others =
                node.configuration().members().stream()
                        .filter(member -> !member.id().equals(leader))
                        .toList();
        try {
            int place = order(ask(others)).indexOf(settings.self());
            if (place < 0) {
                return;
            }
            Thread.sleep(settings.electionTimeout().multipliedBy(place).dividedBy(2));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return;
        }
        RaftChanges raft = node.changes();
        if (raft != null && node.leader().equals(Optional.of(leader))) {
            LOG.info("the process of {}, which led, is gone: there is an election", leader);
            raft.stand(leader);
        }
    }

    /// In which order they stand for election.
    static List<String> order(List<Heir> heirs) {
        return heirs.stream()
                .filter(heir -> !heir.member.off())
                .sorted(
                        Comparator.comparingLong((Heir heir) -> -heir.far.term())
                                .thenComparingLong(heir -> -heir.far.index())
                                .thenComparingInt(heir -> heir.member.priority())
                                .thenComparing(heir -> heir.member.id()))
                .map(heir -> heir.member.id())
                .toList();
    }

    private List<Heir> ask(List<Member> members) throws InterruptedException {
        var heirs = new ConcurrentLinkedQueue<Heir>();
        List<Thread> asking =
                members.stream()
                        .map(member ->
                                Thread.ofVirtual().name("how-far").start(() -> ask(member, heirs)))
                        .toList();
        long until = System.nanoTime() + ASKING.toNanos();
        for (Thread each : asking) {
            each.join(Duration.ofNanos(Math.max(0, until - System.nanoTime())));
        }
        return List.copyOf(heirs);
    }

    private void ask(Member member, Queue<Heir> heirs) {
        try {
            Reply reply =
                    member.id().equals(settings.self())
                            ? node.howFar()
                            : calls.ask(member.peer(), new Question.HowFar(), ASKING);
            if (reply instanceof Reply.Far far) {
                heirs.add(new Heir(member, far));
            }
        } catch (IOException e) {
            LOG.debug("{} does not say how far it is: {}", member.id(), e.toString());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
