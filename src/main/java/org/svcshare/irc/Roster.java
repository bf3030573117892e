package org.svcshare.irc;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svcshare.turn.Casemapping;

/// Who is in the channel, and what is known about them.
///
/// Owned by the channel's loop.
final class Roster {
    private static final int MAX_MEMBERS = 10_000;

    private final Map<String, Member> members = new HashMap<>();
    private Casemapping casemapping = Casemapping.RFC1459;

    /// One member; changes in place.
    static final class Member {
        String nick;
        String user = "";
        String host = "";

        /// Null while unknown, empty when not logged in.
        @Nullable String account;

        /// Signs of the ranks it has, such as `@` and `+`.
        final Set<Character> ranks = new LinkedHashSet<>();

        /// Known to be a bot by the server's word.
        boolean bot;

        /// 1 or 2 for a peer that has been believed, else 0.
        int generation;

        /// Said in its HELLO that tags get to it.
        boolean hearsTags;

        Member(String nick) {
            this.nick = nick;
        }

        String mask() {
            return nick + "!" + user + "@" + host;
        }
    }

    void clear(Casemapping casemapping) {
        this.casemapping = casemapping;
        members.clear();
    }

    /// @return null when the nick is not in the channel
    @Nullable Member get(String nick) {
        return members.get(casemapping.fold(nick));
    }

    boolean has(String nick) {
        return get(nick) != null;
    }

    /// The member of that nick, new if it was not there.
    Member add(String nick) {
        if (members.size() >= MAX_MEMBERS && !has(nick)) {
            return new Member(nick);
        }
        return members.computeIfAbsent(casemapping.fold(nick), _ -> new Member(nick));
    }

    boolean remove(String nick) {
        return members.remove(casemapping.fold(nick)) != null;
    }

    boolean rename(String from, String to) {
        Member member = members.remove(casemapping.fold(from));
        if (member == null) {
            return false;
        }
        member.nick = to;
        members.put(casemapping.fold(to), member);
        return true;
    }

    /// Whether a bot of generation 1 is there.
    boolean hasLegacy() {
        return members.values().stream().anyMatch(member -> member.generation == 1);
    }

    boolean hasSecond() {
        return members.values().stream().anyMatch(member -> member.generation == 2);
    }

    boolean allSecondHearTags() {
        return members.values().stream()
                .allMatch(member -> member.generation != 2 || member.hearsTags);
    }

    boolean hearsTags(String nick) {
        Member member = get(nick);
        return member != null && member.hearsTags;
    }

    Set<String> nicks() {
        var nicks = new LinkedHashSet<String>();
        members.values().forEach(member -> nicks.add(member.nick));
        return nicks;
    }
}
