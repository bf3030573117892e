package org.svcshare.store;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.svcshare.store.GroupEvent.AfterGossip;
import org.svcshare.store.GroupEvent.AfterSync;
import org.svcshare.store.GroupEvent.BeforeGossip;
import org.svcshare.store.GroupEvent.BeforeSync;
import org.svcshare.store.StoreEffect.Tell;

/// The rounds that this member opened, and what is told of them: at most one round with a member at
/// random, which ends with the next one at the latest, and at most one sync with a member newly
/// met.
///
/// When many meet many, not everybody opens a sync with everybody: on each side about
/// [#SYNCS_PER_SIDE] do, and what they learn goes on as rumours and in rounds.
final class Sessions {
    private static final int SYNCS_PER_SIDE = 3;
    private static final int PATIENCE_ROUNDS = 6;

    private final RandomGenerator random;
    private final Counts counts;
    private final Deque<String> toMeet = new ArrayDeque<>();
    private @Nullable Session gossip;
    private @Nullable Session sync;

    private static final class Session {
        final String with;
        final String name;
        int received;
        int quietRounds;

        Session(String with, String name) {
            this.with = with;
            this.name = name;
        }
    }

    Sessions(RandomGenerator random, Counts counts) {
        this.random = random;
        this.counts = counts;
    }

    /// @param before how many others were there before
    void met(Collection<String> newcomers, int before) {
        int ours = before + 1;
        if (newcomers.size() < ours && random.nextInt(ours) >= SYNCS_PER_SIDE) {
            return;
        }
        var rest = new ArrayList<>(newcomers);
        while (!rest.isEmpty() && toMeet.size() < SYNCS_PER_SIDE) {
            toMeet.add(rest.remove(random.nextInt(rest.size())));
        }
    }

    void gone(Collection<String> members, List<StoreEffect> out) {
        toMeet.removeAll(members);
        if (gossip != null && members.contains(gossip.with)) {
            endGossip(out);
        }
        if (sync != null && members.contains(sync.with)) {
            endSync(out);
        }
    }

    /// @return with whom a sync is to be opened now, or null
    @Nullable String beginSync(Map<String, String> names, List<StoreEffect> out) {
        if (sync != null || toMeet.isEmpty()) {
            return null;
        }
        String with = toMeet.remove();
        String name = names.getOrDefault(with, with);
        sync = new Session(with, name);
        counts.add("syncs");
        out.add(new Tell(new BeforeSync(name)));
        return with;
    }

    void beginGossip(String with, String name, List<StoreEffect> out) {
        endGossip(out);
        gossip = new Session(with, name);
        counts.add("rounds");
        out.add(new Tell(new BeforeGossip(name)));
    }

    /// Ends what has not come to an end by itself.
    ///
    /// @return with whom a sync has to be opened once more, because nothing comes, or null
    @Nullable String round(List<StoreEffect> out) {
        endGossip(out);
        if (sync == null) {
            return null;
        }
        sync.quietRounds++;
        if (sync.quietRounds >= PATIENCE_ROUNDS) {
            endSync(out);
            return null;
        }
        return sync.quietRounds % 2 == 0 ? sync.with : null;
    }

    void heard(String from) {
        if (sync != null && sync.with.equals(from)) {
            sync.quietRounds = 0;
        }
    }

    void received(String from) {
        if (gossip != null && gossip.with.equals(from)) {
            gossip.received++;
        }
        if (sync != null && sync.with.equals(from)) {
            sync.received++;
        }
    }

    /// The two have the same now.
    void over(String with, List<StoreEffect> out) {
        if (gossip != null && gossip.with.equals(with)) {
            endGossip(out);
        }
        if (sync != null && sync.with.equals(with)) {
            // One is enough: who was met has what those that it is with have.
            toMeet.clear();
            endSync(out);
        }
    }

    private void endGossip(List<StoreEffect> out) {
        if (gossip != null) {
            out.add(new Tell(new AfterGossip(gossip.name, gossip.received)));
            gossip = null;
        }
    }

    private void endSync(List<StoreEffect> out) {
        if (sync != null) {
            out.add(new Tell(new AfterSync(sync.name, sync.received)));
            sync = null;
        }
    }
}
