package org.svcshare.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Members on a virtual clock, and a network between them that loses, delays, repeats and splits.
///
/// Messages are lost and overtake each other even within a side, which is worse than what a real
/// group does.
final class SimGroup {
    static final long ROUND_MS = 1_000;
    static final long SPREAD_MS = 200;

    private static final int STORY = 200;

    final RandomGenerator random;
    final StoreKeeper.Rules rules;
    final Map<String, SimMember> members = new TreeMap<>();

    double loss;
    double repeats;
    long delayMs = 20;
    long nowMs = 1_800_000_000_000L;
    long messages;

    private final PriorityQueue<Coming> coming = new PriorityQueue<>();
    private final Deque<String> story = new ArrayDeque<>();
    private long number;

    private record Coming(long atMs, long number, Runnable what) implements Comparable<Coming> {
        @Override
        public int compareTo(Coming other) {
            int byTime = Long.compare(atMs, other.atMs);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    SimGroup(long seed, StoreKeeper.Rules rules) {
        random = new SplittableRandom(seed);
        this.rules = rules;
    }

    SimMember add(long driftMs) {
        String id = "%016x".formatted(0xa0 + members.size());
        var member = new SimMember(this, id, driftMs);
        members.put(id, member);
        member.start();
        return member;
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    void after(long ms, Runnable what) {
        coming.add(new Coming(nowMs + ms, number++, what));
    }

    void run(long ms) {
        long end = nowMs + ms;
        for (Coming next = coming.peek(); next != null && next.atMs <= end; next = coming.peek()) {
            coming.remove();
            nowMs = Math.max(nowMs, next.atMs);
            next.what.run();
        }
        nowMs = end;
    }

    void send(SimMember from, @Nullable String to, StoreMessage message) {
        SimChecks.small(message);
        for (String one : to == null ? from.others : List.of(to)) {
            int copies = chance(loss) ? 0 : chance(repeats) ? 2 : 1;
            for (int i = 0; i < copies; i++) {
                SimMember receiver = Objects.requireNonNull(members.get(one));
                int life = receiver.life;
                after(
                        random.nextLong(1, delayMs + 1),
                        () -> {
                            boolean reached = receiver.side == from.side && receiver.life == life;
                            if (reached && receiver.up()) {
                                messages++;
                                receiver.hears(from.id, message);
                            }
                        });
            }
        }
    }

    /// Everybody notices sooner or later who is there.
    void look() {
        for (SimMember member : members.values()) {
            after(random.nextLong(1, 2_000), member::look);
        }
    }

    Collection<SimMember> all() {
        return members.values();
    }

    List<SimMember> up() {
        return members.values().stream().filter(SimMember::up).toList();
    }

    SimMember any(List<SimMember> some) {
        return some.get(random.nextInt(some.size()));
    }

    void note(String what) {
        story.add((nowMs - 1_800_000_000_000L) + " ms: " + what);
        if (story.size() > STORY) {
            story.remove();
        }
    }

    String story() {
        return "\n" + String.join("\n", new ArrayList<>(story)) + "\n";
    }
}
