package org.svcshare.store;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.svcshare.store.StoreEffect.Send;

/// Tells a few members at random what is news, a few times each; who hears something new asks for
/// it and does the same. So a write gets to everybody in a time that grows with the logarithm of
/// their number, whatever is lost on the way, and nothing at all is said when there is no news.
///
/// Source: "rumor mongering" of Demers et al., "Epidemic algorithms for replicated database
/// maintenance", 1987; the fan-out and rounds are like those of HashiCorp's memberlist.
final class Rumours {
    /// What comes in greater numbers, as in a sync, spreads by rounds.
    static final int MAX_HOT = 2_000;

    private static final int MAX_MARKS = 500;

    private final StoreKeeper.Rules rules;
    private final Shelf shelf;
    private final RandomGenerator random;
    private final Counts counts;

    /// How often each key is still to be told.
    private final Map<String, Integer> left = new LinkedHashMap<>();

    private List<String> others = List.of();

    Rumours(StoreKeeper.Rules rules, Shelf shelf, RandomGenerator random, Counts counts) {
        this.rules = rules;
        this.shelf = shelf;
        this.random = random;
        this.counts = counts;
    }

    void members(List<String> ids) {
        others = ids;
        if (others.isEmpty()) {
            left.clear();
        }
    }

    void heat(String key) {
        boolean room = left.remove(key) != null || left.size() < MAX_HOT;
        if (room && !others.isEmpty()) {
            // In a group of three nobody needs to be told six times.
            int enough = 34 - Integer.numberOfLeadingZeros(others.size());
            left.put(key, Math.min(rules.rumourRounds(), enough));
        }
    }

    boolean hot() {
        return !left.isEmpty();
    }

    void spread(List<StoreEffect> out) {
        var marks = takeMarks();
        if (marks.isEmpty()) {
            return;
        }
        for (String to : drawn()) {
            counts.add("rumours");
            out.add(new Send(to, new StoreMessage.Rumour(marks)));
        }
    }

    /// Those that wait longest; they go to the end of the line.
    private List<StoreMessage.Mark> takeMarks() {
        var load = Bounds.Load.ofMarks(MAX_MARKS);
        for (var one : List.copyOf(left.entrySet())) {
            String key = one.getKey();
            var held = shelf.held(key);
            if (held == null || held.faded()) {
                left.remove(key);
            } else if (load.add(held.mark())) {
                int rounds = one.getValue() - 1;
                left.remove(key);
                if (rounds > 0) {
                    left.put(key, rounds);
                }
            } else {
                break;
            }
        }
        return load.things();
    }

    private List<String> drawn() {
        var rest = new ArrayList<>(others);
        var drawn = new ArrayList<String>();
        while (!rest.isEmpty() && drawn.size() < rules.rumourFanOut()) {
            int at = random.nextInt(rest.size());
            drawn.add(rest.get(at));
            rest.set(at, rest.getLast());
            rest.removeLast();
        }
        return drawn;
    }
}
