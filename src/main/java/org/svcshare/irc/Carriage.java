package org.svcshare.irc;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.svcshare.channel.CtcpText;
import org.svcshare.channel.IrcText;
import org.svcshare.turn.PeerMessage;

/// In what a message of peers travels, and what has to be said again when the server would not take
/// it that way.
///
/// A tag bothers nobody, but only those hear it who asked their server for tags. So it is used when
/// every peer has said that it did.
///
/// Lives as long as a connection; owned by the channel's loop. Source: docs/peer-protocol.md,
/// "Carriage"; IRCv3 message-tags.
final class Carriage {
    /// The client-only tag of a TAGMSG that holds a message of generation 2.
    static final String TAG = "+svcshare.org/msg";

    /// The name of [#TAG] where servers list the tags they do not pass on.
    static final String TAG_NAME = TAG.substring(1);

    /// Bytes between `@` and the blank, as far as a client may fill them.
    private static final int MAX_TAG_BYTES = 4094;

    private static final Duration RESEND_WITHIN = Duration.ofSeconds(10);
    private static final int MAX_RECENT = 16;

    private final Roster roster;
    private final BooleanSupplier takesTags;
    private final BooleanSupplier filtersCtcp;
    private final BooleanSupplier settled;
    private final Deque<Sent> recent = new ArrayDeque<>();
    private boolean tagsRefused;
    private int refusalsDue;

    enum Way {
        CTCP,
        /// A PRIVMSG without the quotes of CTCP, where a channel filters those.
        PLAIN,
        TAG
    }

    /// @param to a nick, or null for the channel
    record Sent(@Nullable String to, PeerMessage message, Way way, long atNanos) {}

    /// @param takesTags whether tags get from this server to us and from us to it
    /// @param filtersCtcp whether the channel does not let CTCP through
    /// @param settled whether who is there had the time to answer our first HELLO
    Carriage(
            Roster roster,
            BooleanSupplier takesTags,
            BooleanSupplier filtersCtcp,
            BooleanSupplier settled) {
        this.roster = roster;
        this.takesTags = takesTags;
        this.filtersCtcp = filtersCtcp;
        this.settled = settled;
    }

    /// Whether peers may put into a tag what we shall hear; our HELLO says so.
    boolean hearsTags() {
        return takesTags.getAsBoolean();
    }

    /// A HELLO never goes in a tag: it is how those meet who do not know each other.
    ///
    /// @param to a nick, or null for the channel
    Way way(@Nullable String to, PeerMessage message) {
        if (!isSecond(message)) {
            return Way.CTCP;
        }
        if (!(message instanceof PeerMessage.Hello)
                && !tagsRefused
                && takesTags.getAsBoolean()
                && (to == null ? allHearTags() : roster.hearsTags(to))) {
            return Way.TAG;
        }
        return to == null && filtersCtcp.getAsBoolean() ? Way.PLAIN : Way.CTCP;
    }

    private boolean allHearTags() {
        return roster.hasSecond() ? roster.allSecondHearTags() : settled.getAsBoolean();
    }

    static boolean isSecond(PeerMessage message) {
        return switch (message) {
            case PeerMessage.Hello _,
                    PeerMessage.Call _,
                    PeerMessage.Vote _,
                    PeerMessage.Result _,
                    PeerMessage.Yield _,
                    PeerMessage.Released _,
                    PeerMessage.Bye _ ->
                    true;
            case PeerMessage.Announce _,
                    PeerMessage.Ack _,
                    PeerMessage.StartElection _,
                    PeerMessage.QueueSize _,
                    PeerMessage.ConnStat _,
                    PeerMessage.ConnUpdate _,
                    PeerMessage.LegacyYield _ ->
                    false;
        };
    }

    /// @param room bytes that a line without tags may have
    /// @return null when it would be too long
    static @Nullable String line(Way way, String target, String text, int room) {
        if (way == Way.TAG) {
            String tags = TAG + "=" + escape(text);
            return IrcText.bytes(tags) > MAX_TAG_BYTES ? null : "@" + tags + " TAGMSG " + target;
        }
        String line = "PRIVMSG " + target + " :" + (way == Way.PLAIN ? text : CtcpText.wrap(text));
        return IrcText.bytes(line) > room ? null : line;
    }

    /// As a tag's value. Source: IRCv3 message-tags, "Escaping values".
    static String escape(String text) {
        var escaped = new StringBuilder(text.length() + 32);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case ';' -> escaped.append("\\:");
                case ' ' -> escaped.append("\\s");
                case '\\' -> escaped.append("\\\\");
                case '\r' -> escaped.append("\\r");
                case '\n' -> escaped.append("\\n");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }

    /// What the server may still refuse is kept for a while.
    void sent(@Nullable String to, PeerMessage message, Way way, long nowNanos) {
        if (way == Way.TAG || (way == Way.CTCP && to == null && isSecond(message))) {
            recent.addLast(new Sent(to, message, way, nowNanos));
            if (recent.size() > MAX_RECENT) {
                recent.removeFirst();
            }
        }
    }

    /// The channel does not let CTCP through.
    ///
    /// @return what to say again, which is for the channel
    List<Sent> ctcpRefused(long nowNanos) {
        return takeBack(Way.CTCP, nowNanos);
    }

    /// The server does not take tags, whatever it promised; no more of them on this connection.
    ///
    /// @return what to say again
    List<Sent> tagsRefused(long nowNanos) {
        tagsRefused = true;
        return takeBack(Way.TAG, nowNanos);
    }

    /// A refusal that only names the channel: whether it was tags that were refused. Of several on
    /// their way every one is refused, so that many more refusals say nothing new.
    boolean areTagsMeant(long nowNanos) {
        if (tagsRefused) {
            return refusalsDue-- > 0;
        }
        long tagged =
                recent.stream().filter(s -> s.to() == null && isLost(s, Way.TAG, nowNanos)).count();
        refusalsDue = (int) Math.max(0, tagged - 1);
        return tagged > 0;
    }

    private List<Sent> takeBack(Way way, long nowNanos) {
        var lost = new ArrayList<Sent>();
        for (Sent sent : recent) {
            if (isLost(sent, way, nowNanos)) {
                lost.add(sent);
            }
        }
        recent.removeIf(sent -> sent.way() == way);
        return lost;
    }

    private static boolean isLost(Sent sent, Way way, long nowNanos) {
        return sent.way() == way && nowNanos - sent.atNanos() < RESEND_WITHIN.toNanos();
    }
}
