package org.svcshare.config;

import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.svcshare.store.GroupEvent;

/// What events of a group are called in settings and hooks: a `NewKey` is `new-key`.
public final class GroupEventNames {
    /// With a name behind it: what was called out under that name alone.
    public static final String EVENT = "event:";

    /// With a name behind it: the question of that name, which a program answers.
    public static final String QUERY = "query:";

    private static final Set<String> OF_KEYS = Set.of("new-key", "key-changed", "key-removed");
    private static final Set<String> OF_ROUNDS = Set.of("before-gossip", "after-gossip");
    private static final Set<String> OTHERS =
            Set.of(
                    "member-joined",
                    "member-left",
                    "member-failed",
                    "start",
                    "shutdown",
                    "before-sync",
                    "after-sync",
                    "event");

    private GroupEventNames() {}

    public static String of(GroupEvent event) {
        return switch (event) {
            case GroupEvent.NewKey _ -> "new-key";
            case GroupEvent.KeyChanged _ -> "key-changed";
            case GroupEvent.KeyRemoved _ -> "key-removed";
            case GroupEvent.MemberJoined _ -> "member-joined";
            case GroupEvent.MemberLeft _ -> "member-left";
            case GroupEvent.MemberFailed _ -> "member-failed";
            case GroupEvent.Started _ -> "start";
            case GroupEvent.Stopping _ -> "shutdown";
            case GroupEvent.BeforeGossip _ -> "before-gossip";
            case GroupEvent.AfterGossip _ -> "after-gossip";
            case GroupEvent.BeforeSync _ -> "before-sync";
            case GroupEvent.AfterSync _ -> "after-sync";
            case GroupEvent.Called _ -> "event";
        };
    }

    /// Without those that have a name of the user's behind them.
    public static SortedSet<String> all() {
        var all = new TreeSet<>(OF_KEYS);
        all.addAll(OF_ROUNDS);
        all.addAll(OTHERS);
        return all;
    }

    /// Whether it is about one key.
    public static boolean ofKey(String name) {
        return OF_KEYS.contains(name);
    }

    /// Whether it comes with every round, about once a second.
    public static boolean ofRound(String name) {
        return OF_ROUNDS.contains(name);
    }
}
