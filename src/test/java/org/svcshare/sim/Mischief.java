package org.svcshare.sim;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.random.RandomGenerator;
import org.svcshare.turn.Command;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.PeerMessage.CallKind;
import org.svcshare.turn.PeerMessage.VoteState;
import org.svcshare.turn.PoolWish;

/// What somebody sends who means ill, or whose program is broken: every message there is, with
/// numbers from the edges. Everything that the real codec lets through, so all of it finite.
final class Mischief {
    private static final double[] SIZES = {0, 0.1, -1, 1e-9, 17.5, 1e6, 1e15, -1e15, 1e300};
    private static final long[] TURNS = {0, 1, 2, 7, -1, 1_000_000, 1L << 52};
    private static final int[] CONNECTIONS = {0, 0, 1, 5, Integer.MAX_VALUE, -1};

    private static final List<VoteState> STATES = List.copyOf(EnumSet.allOf(VoteState.class));

    private final RandomGenerator random;
    private final List<String> nicks;
    private String lastElection = "0000000000000000-1";

    Mischief(RandomGenerator random, List<String> nicks) {
        this.random = random;
        this.nicks = nicks;
    }

    /// Uses an election id that was overheard.
    void overhears(String election) {
        lastElection = election;
    }

    PeerMessage message() {
        return switch (random.nextInt(15)) {
            case 0 -> new PeerMessage.Announce(random.nextBoolean() ? "" : "x".repeat(100));
            case 1 -> new PeerMessage.Ack("");
            case 2 -> new PeerMessage.StartElection();
            case 3 -> new PeerMessage.QueueSize(size());
            case 4 -> new PeerMessage.ConnStat();
            case 5 -> new PeerMessage.ConnUpdate("", Math.max(0, connections()));
            case 6 -> new PeerMessage.LegacyYield();
            case 7 ->
                    new PeerMessage.Hello(
                            "o", "v", random.nextInt(4), word(), word(), random.nextBoolean());
            case 8 ->
                    new PeerMessage.Call(
                            election(),
                            random.nextBoolean() ? CallKind.TURN : CallKind.FREE,
                            word());
            case 9, 10 ->
                    new PeerMessage.Vote(
                            election(),
                            size(),
                            connections(),
                            turn(),
                            size(),
                            STATES.get(random.nextInt(STATES.size())),
                            size());
            case 11 ->
                    new PeerMessage.Result(
                            election(), random.nextInt(4) == 0 ? null : nick(), turn(), "because");
            case 12 -> new PeerMessage.Yield(turn());
            case 13 -> new PeerMessage.Released(turn(), connections());
            default -> new PeerMessage.Bye(turn());
        };
    }

    /// A command that leaves no lasting halt behind.
    Command command() {
        return switch (random.nextInt(14)) {
            case 12 -> new Command.Pools(new PoolWish.All());
            case 0 -> new Command.Status(random.nextBoolean());
            case 1 -> new Command.Version();
            case 2, 3 -> new Command.Election();
            case 4 -> new Command.Enqueue(List.of("a", "b"));
            case 5 -> new Command.Force(random.nextLong(0, 3000));
            case 6 -> new Command.Halt(Duration.ofSeconds(random.nextLong(1, 200)));
            case 7 -> new Command.Unhalt();
            case 8 -> new Command.Pause();
            case 9 -> new Command.Why();
            case 10 -> new Command.Queue();
            case 11 -> new Command.Next(random.nextBoolean());
            default ->
                    random.nextBoolean()
                            ? new Command.Who()
                            : new Command.History(random.nextInt(1, 21));
        };
    }

    private String election() {
        return random.nextBoolean() ? lastElection : word() + "-" + random.nextInt(5);
    }

    private String word() {
        return switch (random.nextInt(5)) {
            case 0 -> "0000000000000000";
            case 1 -> "ffffffffffffffff";
            case 2 -> "";
            case 3 -> "smallest-queue";
            default -> "x".repeat(64);
        };
    }

    private String nick() {
        return random.nextInt(5) == 0 ? "nobody" : nicks.get(random.nextInt(nicks.size()));
    }

    private double size() {
        return SIZES[random.nextInt(SIZES.length)];
    }

    private long turn() {
        return random.nextInt(4) == 0
                ? random.nextLong(0, 50)
                : TURNS[random.nextInt(TURNS.length)];
    }

    private int connections() {
        return CONNECTIONS[random.nextInt(CONNECTIONS.length)];
    }
}
