package org.svcshare.gossip;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.svcshare.store.MemberGroup.Answers;
import org.svcshare.store.Value;

/// The questions that this member has asked, and who has not answered yet. Only on the group's
/// thread.
final class Questions {
    static final int MOST = 256;

    private final Map<Long, Open> open = new HashMap<>();
    private long last;

    /// @param waiting names
    private record Open(Set<String> waiting, long endNanos, Answers answers) {}

    /// @param last so that numbers of an earlier life are not taken for ours
    Questions(long last) {
        this.last = last;
    }

    boolean full() {
        return open.size() >= MOST;
    }

    /// @return its number
    long ask(Set<String> members, long endNanos, Answers answers) {
        open.put(++last, new Open(new TreeSet<>(members), endNanos, answers));
        return last;
    }

    void answer(long question, String member, Value payload) {
        Open asked = open.get(question);
        if (asked == null || !asked.waiting.remove(member)) {
            return;
        }
        asked.answers.answer(member, payload);
        if (asked.waiting.isEmpty()) {
            open.remove(question);
            asked.answers.ended(List.of());
        }
    }

    /// Ends those whose time is over, and all when `all` is set.
    void sweep(long nowNanos, boolean all) {
        var over = new ArrayList<Open>();
        open.values()
                .removeIf(asked -> {
                    boolean ends = all || asked.endNanos - nowNanos <= 0;
                    if (ends) {
                        over.add(asked);
                    }
                    return ends;
                });
        over.forEach(asked -> asked.answers.ended(List.copyOf(asked.waiting)));
    }

    boolean none() {
        return open.isEmpty();
    }
}
