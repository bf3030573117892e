package org.svcshare.replica;

import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What nodes have answered to one write so far, and what follows from it: what counts as its
/// outcome, and what the client hears.
final class Course {
    /// @param digest of the body, where bodies are compared; 0 otherwise
    record Vote(int status, long digest) {}

    private final Map<NodeAddress, Vote> votes = new LinkedHashMap<>();

    /// Whether a client waits, and until when.
    private boolean awaited;

    private final long deadlineMs;

    Course(boolean awaited, long deadlineMs) {
        this.awaited = awaited;
        this.deadlineMs = deadlineMs;
    }

    boolean awaited() {
        return awaited;
    }

    long deadlineMs() {
        return deadlineMs;
    }

    /// The client has been told.
    void told() {
        awaited = false;
    }

    void vote(NodeAddress node, int status, long digest) {
        votes.put(node, new Vote(status, digest));
    }

    /// A node that is no more.
    void forget(NodeAddress node) {
        votes.remove(node);
    }

    Map<NodeAddress, Vote> votes() {
        return votes;
    }

    /// What counts as the outcome: what more than half of the nodes that can be asked said, or,
    /// when all of them have said something, what most said. Where that ties, done comes before
    /// refused, and refused before failed.
    ///
    /// @param electorate who can be asked now
    Optional<Vote> outcome(Collection<NodeAddress> electorate) {
        if (votes.isEmpty()) {
            return Optional.empty();
        }
        Set<NodeAddress> voters = voters(electorate);
        Vote best = best();
        boolean most = 2 * count(best) > voters.size();
        return most || votes.keySet().containsAll(voters) ? Optional.of(best) : Optional.empty();
    }

    private Vote best() {
        return votes.values().stream()
                .max(
                        Comparator.comparingInt(this::count)
                                .thenComparingInt(vote -> -vote.status() / 100))
                .orElseThrow();
    }

    /// Whoever has voted counts, wherever he is now.
    private Set<NodeAddress> voters(Collection<NodeAddress> electorate) {
        var voters = new LinkedHashSet<>(electorate);
        voters.addAll(votes.keySet());
        return voters;
    }

    private int count(Vote vote) {
        return (int) votes.values().stream().filter(vote::equals).count();
    }

    /// What the client is to hear now; empty while that is not known.
    ///
    /// @param electorate who can be asked now
    /// @param everybody every active node that is not in maintenance
    Optional<Reply> reply(
            AnswerRule rule,
            Collection<NodeAddress> electorate,
            Collection<NodeAddress> everybody) {
        if (votes.isEmpty()) {
            return Optional.empty();
        }
        return switch (rule) {
            case FIRST -> first(electorate);
            case MAJORITY -> majority(voters(electorate));
            case ALL -> all(voters(everybody));
        };
    }

    /// A quick failure does not win over a slower success.
    private Optional<Reply> first(Collection<NodeAddress> electorate) {
        Optional<Vote> good = votes.values().stream().filter(v -> v.status() < 500).findFirst();
        boolean nobodyElse = votes.keySet().containsAll(electorate);
        return good.or(() -> nobodyElse ? Optional.of(best()) : Optional.empty())
                .map(vote -> chosen(vote, voters(electorate).size()));
    }

    private Optional<Reply> majority(Set<NodeAddress> voters) {
        Vote best = best();
        if (2 * count(best) > voters.size()) {
            return Optional.of(chosen(best, voters.size()));
        }
        return votes.keySet().containsAll(voters) ? Optional.of(split()) : Optional.empty();
    }

    private Optional<Reply> all(Set<NodeAddress> voters) {
        Vote best = best();
        if (count(best) < votes.size()) {
            return Optional.of(split());
        }
        return votes.size() == voters.size()
                ? Optional.of(chosen(best, voters.size()))
                : Optional.empty();
    }

    private Reply chosen(Vote vote, int asked) {
        NodeAddress from =
                votes.entrySet().stream()
                        .filter(entry -> entry.getValue().equals(vote))
                        .map(Map.Entry::getKey)
                        .findFirst()
                        .orElseThrow();
        return new Reply.Chosen(from, vote.status(), count(vote), asked);
    }

    private Reply split() {
        return new Reply.Split(statuses());
    }

    Map<NodeAddress, Integer> statuses() {
        var statuses = new LinkedHashMap<NodeAddress, Integer>();
        votes.forEach((node, vote) -> statuses.put(node, vote.status()));
        return statuses;
    }
}
