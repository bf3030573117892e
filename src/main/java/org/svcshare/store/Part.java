package org.svcshare.store;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.function.Predicate;
import org.svcshare.store.StoreMessage.Mark;
import org.svcshare.store.StoreMessage.Marks;

/// As much of some ranges as goes into one message: several whole ones, or a piece of the first.
record Part(List<Integer> ranges, String from, String to, List<Mark> marks) {

    /// @param from where in the first range, inclusive; empty for its beginning. If there are such
    ///   bounds, only the first range is looked at
    /// @param said which of the entries are listed
    static Part of(
            Shelf shelf, List<Integer> ranges, String from, String to, Predicate<Shelf.Held> said) {
        var covered = new ArrayList<Integer>();
        var load = Bounds.Load.ofMarks(StoreMessage.MAX_MARKS);
        for (int range : ranges) {
            int before = load.size();
            String last = "";
            boolean all = true;
            for (var held : between(shelf.range(range), from, to).values()) {
                if (!held.faded() && said.test(held) && !load.add(held.mark())) {
                    all = false;
                    break;
                }
                last = held.entry().key();
            }
            if (!all && !covered.isEmpty()) {
                load.cutTo(before);
                break;
            }
            covered.add(range);
            if (!all) {
                return new Part(covered, from, last, load.things());
            }
            if (!from.isEmpty() || !to.isEmpty()) {
                break;
            }
        }
        return new Part(covered, from, to, load.things());
    }

    private static NavigableMap<String, Shelf.Held> between(
            NavigableMap<String, Shelf.Held> keys, String from, String to) {
        if (!from.isEmpty() && !to.isEmpty() && from.compareTo(to) > 0) {
            return keys.subMap(from, true, from, false);
        }
        var behind = from.isEmpty() ? keys : keys.tailMap(from, true);
        return to.isEmpty() ? behind : behind.headMap(to, true);
    }

    Marks marks(long round, boolean answer) {
        return new Marks(round, List.copyOf(ranges), from, to, marks, answer);
    }
}
