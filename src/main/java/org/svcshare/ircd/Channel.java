package org.svcshare.ircd;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.Casemapping;

/// One channel: who is in it, and what its operators set. Owned by the core's thread.
final class Channel {
    /// One entry of a ban, exception or invitation list.
    record Entry(String mask, String setBy, Instant setAt) {}

    /// A member's status.
    static final class Member {
        boolean operator;
        boolean voice;

        /// @param all every prefix, not only the highest (the multi-prefix capability)
        String prefix(boolean all) {
            if (operator) {
                return all && voice ? "@+" : "@";
            }
            return voice ? "+" : "";
        }
    }

    final String name;
    final Instant createdAt;
    String topic = "";
    String topicBy = "";
    Instant topicAt;
    @Nullable String key;

    /// Most members; 0 for no limit.
    int limit;

    /// Of `C i m n s t`.
    final Set<Character> flags = new TreeSet<>(Set.of('n', 't'));

    private final Map<Client, Member> members = new LinkedHashMap<>();
    private final Map<Character, List<Entry>> lists =
            Map.of('b', new ArrayList<>(), 'e', new ArrayList<>(), 'I', new ArrayList<>());
    private final Casemapping casemapping;

    Channel(String name, Casemapping casemapping, Instant now) {
        this.name = name;
        this.casemapping = casemapping;
        this.createdAt = now;
        this.topicAt = now;
    }

    Member add(Client client) {
        var member = new Member();
        members.put(client, member);
        return member;
    }

    void remove(Client client) {
        members.remove(client);
    }

    Collection<Client> clients() {
        return Collections.unmodifiableSet(members.keySet());
    }

    int size() {
        return members.size();
    }

    @Nullable Member member(Client client) {
        return members.get(client);
    }

    boolean hasMember(Client client) {
        return members.containsKey(client);
    }

    boolean isOperator(Client client) {
        Member member = members.get(client);
        return member != null && member.operator;
    }

    boolean secret() {
        return flags.contains('s');
    }

    boolean visibleTo(Client client) {
        return !secret() || hasMember(client);
    }

    /// @param mode `b`, `e` or `I`
    List<Entry> list(char mode) {
        List<Entry> list = lists.get(mode);
        if (list == null) {
            throw new IllegalStateException("no list " + mode);
        }
        return list;
    }

    boolean isBanned(Client client) {
        return matches('b', client) && !matches('e', client);
    }

    boolean letsIn(Client client) {
        return matches('I', client);
    }

    boolean maySpeak(Client client) {
        Member member = members.get(client);
        if (member != null && (member.operator || member.voice)) {
            return true;
        }
        boolean outside = member == null && flags.contains('n');
        return !outside && !flags.contains('m') && !isBanned(client);
    }

    /// The modes as in 324.
    ///
    /// @param open whether the reader may see the key
    List<String> modes(boolean open) {
        var letters = new StringBuilder("+");
        flags.forEach(letters::append);
        var words = new ArrayList<String>();
        String currentKey = key;
        if (currentKey != null) {
            letters.append('k');
            words.add(open ? currentKey : "*");
        }
        if (limit > 0) {
            letters.append('l');
            words.add(Integer.toString(limit));
        }
        words.addFirst(letters.toString());
        return words;
    }

    private boolean matches(char mode, Client client) {
        for (Entry entry : list(mode)) {
            if (Mask.matches(casemapping, entry.mask(), client.source())) {
                return true;
            }
        }
        return false;
    }
}
