package org.svcshare.turn;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.PeerMessage.CallKind;
import org.svcshare.turn.PeerMessage.Vote;
import org.svcshare.turn.PeerMessage.VoteState;

/// Who wins an election of generation 2, and why: a pure function of the votes.
///
/// @param winner null when nobody wins
/// @param stays whether the winner runs already, so that nothing changes
/// @param reason a few words with the numbers, for people
record Verdict(@Nullable String winner, boolean stays, String reason) {

    /// One voter.
    ///
    /// @param key the nick folded by the casemapping, for the last tie-break
    record Ballot(String nick, String key, Vote vote) {}

    /// Counts the votes.
    ///
    /// @param halfLife of [Policy#AGEING]
    static Verdict of(Policy policy, CallKind kind, Duration halfLife, List<Ballot> ballots) {
        for (Ballot ballot : ballots) {
            if (ballot.vote().state() == VoteState.FORCED && ballot.vote().forceMb() > 0) {
                return new Verdict(
                        ballot.nick(),
                        true,
                        String.format(
                                Locale.ROOT,
                                "%s is forced for another %.1f MB",
                                ballot.nick(),
                                ballot.vote().forceMb()));
            }
        }
        if (kind == CallKind.FREE) {
            for (Ballot ballot : ballots) {
                if (occupied(ballot.vote())) {
                    return new Verdict(ballot.nick(), true, ballot.nick() + " is running");
                }
            }
        }
        var ranked =
                ballots.stream()
                        .filter(ballot -> canWin(ballot.vote()))
                        .sorted(order(policy, halfLife))
                        .toList();
        if (ranked.isEmpty()) {
            return new Verdict(null, false, "nobody has a queue");
        }
        Ballot first = ranked.getFirst();
        return new Verdict(
                first.nick(),
                runs(first.vote()),
                policy.word()
                        + ": "
                        + ranked.stream()
                                .limit(4)
                                .map(ballot -> explain(policy, halfLife, ballot))
                                .collect(Collectors.joining(", ")));
    }

    private static Comparator<Ballot> order(Policy policy, Duration halfLife) {
        Comparator<Ballot> byPolicy =
                switch (policy) {
                    case SMALLEST_QUEUE -> Comparator.comparingDouble(b -> b.vote().queueMb());
                    case AGEING -> Comparator.comparingDouble(b -> aged(b.vote(), halfLife));
                    case FAIR_SHARE -> Comparator.comparingDouble(b -> b.vote().usedMb());
                    case FIFO -> Comparator.comparingLong(b -> -b.vote().waitedSeconds());
                };
        return byPolicy.thenComparingLong(ballot -> -ballot.vote().waitedSeconds())
                .thenComparing(Ballot::key);
    }

    private static String explain(Policy policy, Duration halfLife, Ballot ballot) {
        Vote vote = ballot.vote();
        String factor =
                switch (policy) {
                    case SMALLEST_QUEUE -> String.format(Locale.ROOT, "%.1f MB", vote.queueMb());
                    case AGEING ->
                            String.format(
                                    Locale.ROOT,
                                    "%.1f MB after %d s counts as %.1f",
                                    vote.queueMb(),
                                    vote.waitedSeconds(),
                                    aged(vote, halfLife));
                    case FAIR_SHARE -> String.format(Locale.ROOT, "%.1f MB used", vote.usedMb());
                    case FIFO -> String.format(Locale.ROOT, "%d s waited", vote.waitedSeconds());
                };
        return ballot.nick() + " " + factor;
    }

    private static double aged(Vote vote, Duration halfLife) {
        return vote.queueMb() / (1 + (double) vote.waitedSeconds() / halfLife.toSeconds());
    }

    private static boolean canWin(Vote vote) {
        return vote.queueMb() > 0
                && (vote.state() == VoteState.READY || vote.state() == VoteState.RUNNING);
    }

    private static boolean runs(Vote vote) {
        return vote.state() == VoteState.RUNNING || vote.state() == VoteState.FORCED;
    }

    private static boolean occupied(Vote vote) {
        return runs(vote) && (vote.queueMb() > 0 || vote.connections() > 0);
    }
}
