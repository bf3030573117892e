package org.svcshare.replica;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What nodes have answered to one write so far, and what follows from it: what counts as its
/// outcome, and what the client hears.
final class Course {
    /// @param digest of the body, where bodies are compared; 0 otherwise
    record Vote(NodeAddress node, int status, long digest) {
        boolean like(Vote other) {
            return status == other.status && digest == other.digest;
        }
    }

    /// In the order in which they came; one a node.
    private final List<Vote> votes = new ArrayList<>(3);

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
        forget(node);
        votes.add(new Vote(node, status, digest));
    }

    /// A node that is no more, or says something else.
    void forget(NodeAddress node) {
        votes.removeIf(vote -> vote.node.equals(node));
    }

    List<Vote> votes() {
        return votes;
    }

    boolean isOf(NodeAddress node) {
        for (Vote vote : votes) {
            if (vote.node.equals(node)) {
                return true;
            }
        }
        return false;
    }

    /// What counts as the outcome: what more than half of the nodes that can be asked said, or,
    /// when all of them have said something, what most said. Where that ties, done comes before
    /// refused, and refused before failed.
    ///
    /// @param electorate who can be asked now
    Optional<Vote> outcome(List<NodeAddress> electorate) {
        Vote best = best();
        if (best == null) {
            return Optional.empty();
        }
        int silent = silent(electorate);
        boolean most = 2 * count(best) > votes.size() + silent;
        return most || silent == 0 ? Optional.of(best) : Optional.empty();
    }

    private @Nullable Vote best() {
        Vote best = null;
        for (Vote vote : votes) {
            int more = best == null ? 1 : count(vote) - count(best);
            if (more > 0 || (more == 0 && best != null && kind(vote) < kind(best))) {
                best = vote;
            }
        }
        return best;
    }

    private static int kind(Vote vote) {
        return vote.status / 100;
    }

    /// How many of these have not voted.
    private int silent(List<NodeAddress> nodes) {
        int silent = 0;
        for (NodeAddress node : nodes) {
            if (!isOf(node)) {
                silent++;
            }
        }
        return silent;
    }

    private int count(Vote vote) {
        int count = 0;
        for (Vote other : votes) {
            if (other.like(vote)) {
                count++;
            }
        }
        return count;
    }

    /// What the client is to hear now; empty while that is not known.
    ///
    /// @param electorate who can be asked now
    /// @param everybody every active node that is not in maintenance
    Optional<Reply> reply(
            AnswerRule rule, List<NodeAddress> electorate, List<NodeAddress> everybody) {
        Vote best = best();
        if (best == null) {
            return Optional.empty();
        }
        return switch (rule) {
            case FIRST -> first(best, silent(electorate));
            case MAJORITY -> majority(best, silent(electorate));
            case ALL -> all(best, silent(everybody));
        };
    }

    /// A quick failure does not win over a slower success.
    private Optional<Reply> first(Vote best, int silent) {
        for (Vote vote : votes) {
            if (vote.status < 500) {
                return Optional.of(chosen(vote, silent));
            }
        }
        return silent == 0 ? Optional.of(chosen(best, silent)) : Optional.empty();
    }

    private Optional<Reply> majority(Vote best, int silent) {
        if (2 * count(best) > votes.size() + silent) {
            return Optional.of(chosen(best, silent));
        }
        return silent == 0 ? Optional.of(split()) : Optional.empty();
    }

    private Optional<Reply> all(Vote best, int silent) {
        if (count(best) < votes.size()) {
            return Optional.of(split());
        }
        return silent == 0 ? Optional.of(chosen(best, silent)) : Optional.empty();
    }

    /// Those who said the same are told by the first of them.
    private Reply chosen(Vote like, int silent) {
        for (Vote vote : votes) {
            if (vote.like(like)) {
                return new Reply.Chosen(vote.node, vote.status, count(vote), votes.size() + silent);
            }
        }
        throw new IllegalStateException("nobody said " + like);
    }

    private Reply split() {
        return new Reply.Split(statuses());
    }

    Map<NodeAddress, Integer> statuses() {
        var statuses = new LinkedHashMap<NodeAddress, Integer>();
        votes.forEach(vote -> statuses.put(vote.node, vote.status));
        return statuses;
    }
}
