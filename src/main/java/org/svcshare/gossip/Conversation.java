package org.svcshare.gossip;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.svcshare.channel.Decoded;
import org.svcshare.channel.PeerCodec;
import org.svcshare.channel.Trust;
import org.svcshare.config.PeerSettings;
import org.svcshare.store.Member;
import org.svcshare.turn.Casemapping;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.TurnEvent;

/// What bots say to each other in a group, and who of them is there: encodes, signs, judges, and
/// sees to it that everybody has heard everybody's HELLO.
///
/// Generation 2 alone. Where a bot on IRC sends an announcement of generation 1 to one other ("who
/// are you?"), this says HELLO to all, which every bot answers. So does it for a member that has
/// come and is not heard to say HELLO: after a split, or when two groups become one, nobody has
/// come by its own doing, and nobody says it of itself.
///
/// Not thread-safe; the channel's loop owns it. Opens no thread and no socket, so that the
/// simulator runs it too.
///
/// Source: docs/peer-protocol.md, "Carriage by gossip".
final class Conversation {
    /// What signatures are bound to, where IRC has the network's name.
    static final String NETWORK = "gossip";

    /// As long as the codec lets a nick be: a longer name could win, and nobody would know who.
    private static final int MAX_NAME_BYTES = 64;

    private static final Duration GREETED_LEAST = Duration.ofMillis(150);
    private static final Duration GREETED_MOST = Duration.ofMillis(600);
    private static final long GREETING_GAP_NANOS = Duration.ofSeconds(1).toNanos();

    /// Members that are no bots never say HELLO.
    private static final int MAX_GREETINGS = 3;

    private static final Duration AGAIN = Duration.ofSeconds(2);
    private static final int MAX_HELD = 16;
    private static final Duration HELD = Duration.ofSeconds(5);
    private static final long NEVER = Long.MAX_VALUE;

    private final Trust trust;
    private final PeerCodec codec = new PeerCodec();
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final RandomGenerator random;
    private final Out out;
    private final Map<String, Present> there = new LinkedHashMap<>();
    private final Map<String, Long> rejected = new TreeMap<>();
    private PeerMessage.@Nullable Hello ownHello;
    private String name = "";
    private boolean joined;
    private long greetedAt;

    /// Where it goes.
    interface Out {
        /// @param to a member's name, or null for all others
        void say(@Nullable String to, String text);

        void event(TurnEvent event);

        /// For the first time for this reason a message was not believed or not understood.
        void rejected(String reason);
    }

    /// Another member.
    private static final class Present {
        private final long incarnation;

        /// Messages for it alone, until its HELLO is believed and they can be signed for it.
        private final List<Held> held = new ArrayList<>();

        private boolean greeted;
        private int asked;
        private long askAt;

        private Present(long incarnation) {
            this.incarnation = incarnation;
        }
    }

    private record Held(PeerMessage message, long untilNanos) {}

    /// @param bootId this process's, 16 hexadecimal digits; what our signatures are tied to
    /// @param nanos a clock that nobody sets
    Conversation(
            PeerSettings settings,
            String bootId,
            InstantSource clock,
            LongSupplier nanos,
            RandomGenerator random,
            Out out) {
        this.trust = new Trust(settings, bootId);
        this.clock = clock;
        this.nanos = nanos;
        this.random = random;
        this.out = out;
        this.greetedAt = nanos.getAsLong() - GREETING_GAP_NANOS;
    }

    /// Whether a member can be a peer: its name fits into a message as it is.
    static boolean fits(String name) {
        return !name.isEmpty()
                && name.length() <= MAX_NAME_BYTES
                && name.getBytes(UTF_8).length <= MAX_NAME_BYTES
                && name.codePoints()
                        .noneMatch(c ->
                                Character.isISOControl(c)
                                        || Character.isWhitespace(c)
                                        || Character.isSpaceChar(c)
                                        || Character.getType(c) == Character.SURROGATE);
    }

    boolean joined() {
        return joined;
    }

    String name() {
        return name;
    }

    Map<String, Long> rejected() {
        return rejected;
    }

    // Who is there.

    /// We are in the group, for the first time or again.
    ///
    /// @param members who else is there
    void join(String group, String ownName, Collection<Member> members) {
        name = ownName;
        joined = true;
        there.clear();
        for (Member member : members) {
            if (mayBePeer(member)) {
                there.put(member.name(), arrived(member));
            }
        }
        trust.joined(new Trust.Place(NETWORK, group, Casemapping.EXACT), ownName, clock.instant());
        // The names are exact: two members may differ in nothing but the case of a letter, and
        // whatever folds them would make one of two.
        out.event(new TurnEvent.Joined(ownName, Casemapping.EXACT, names()));
    }

    void lose(String why) {
        if (joined) {
            joined = false;
            there.clear();
            out.event(new TurnEvent.Lost(why));
        }
    }

    /// A member is there; told of one that was there before, nothing happens unless it has been
    /// started anew.
    void came(Member member) {
        if (!joined || !mayBePeer(member)) {
            return;
        }
        Present before = there.get(member.name());
        if (before != null) {
            if (before.incarnation == member.incarnation()) {
                return;
            }
            went(member.name());
        }
        there.put(member.name(), arrived(member));
        out.event(new TurnEvent.MemberJoined(member.name()));
    }

    /// Left or failed, which is the same to the others.
    void went(String who) {
        if (joined && there.remove(who) != null) {
            trust.left(who);
            out.event(new TurnEvent.MemberLeft(who));
        }
    }

    /// Whether this start of that member has been told of.
    boolean knows(Member member) {
        Present present = there.get(member.name());
        return present != null && present.incarnation == member.incarnation();
    }

    boolean isThere(String who) {
        return there.containsKey(who);
    }

    Set<String> names() {
        // In their order, which Set.copyOf would mix up differently in every process.
        return Collections.unmodifiableSet(new LinkedHashSet<>(there.keySet()));
    }

    private boolean mayBePeer(Member member) {
        if (member.self() || member.state() != Member.State.ALIVE || member.name().equals(name)) {
            return false;
        }
        if (!fits(member.name())) {
            reject("unfit-name");
            return false;
        }
        return true;
    }

    private Present arrived(Member member) {
        var present = new Present(member.incarnation());
        present.askAt = nanos.getAsLong() + soonNanos();
        return present;
    }

    private long soonNanos() {
        return random.nextLong(GREETED_LEAST.toNanos(), GREETED_MOST.toNanos());
    }

    // Speaking.

    /// @param to a member's name, or null for everybody
    void send(@Nullable String to, PeerMessage message) {
        Present one = to == null ? null : there.get(to);
        if (!joined || (to != null && one == null)) {
            return;
        }
        switch (message) {
            case PeerMessage.Announce _ -> {
                if (one != null) {
                    one.asked = 0;
                    one.askAt = nanos.getAsLong();
                    one.greeted = false;
                }
            }
            case PeerMessage.Ack _,
                    PeerMessage.StartElection _,
                    PeerMessage.QueueSize _,
                    PeerMessage.ConnStat _,
                    PeerMessage.ConnUpdate _,
                    PeerMessage.LegacyYield _ -> {
                // Nobody of the old generation is ever here.
            }
            case PeerMessage.Hello hello -> {
                ownHello = hello;
                if (to == null) {
                    greetedAt = nanos.getAsLong();
                    say(null, hello);
                } else if (!trust.signs() || trust.knows(to)) {
                    say(to, hello);
                }
                // Else a HELLO to all is on its way: one that is signed for nobody in particular
                // is the only one that a stranger can believe.
            }
            case PeerMessage.Call _,
                    PeerMessage.Vote _,
                    PeerMessage.Result _,
                    PeerMessage.Yield _,
                    PeerMessage.Released _,
                    PeerMessage.Bye _ -> {
                if (to != null && one != null && trust.signs() && !trust.knows(to)) {
                    hold(one, message);
                } else {
                    say(to, message);
                }
            }
        }
    }

    private void hold(Present one, PeerMessage message) {
        if (one.held.size() < MAX_HELD) {
            one.held.add(new Held(message, nanos.getAsLong() + HELD.toNanos()));
        }
    }

    private void say(@Nullable String to, PeerMessage message) {
        String text;
        try {
            text =
                    codec.encode(
                            message, (type, body) -> trust.seal(to, type, body, clock.instant()));
        } catch (IllegalArgumentException e) {
            reject("own-out-of-range");
            return;
        }
        out.say(to, text);
    }

    // Hearing.

    /// @param from a member's name, as the group knows it
    void heard(String from, boolean direct, String text) {
        if (!joined || from.equals(name)) {
            return;
        }
        Present who = there.get(from);
        if (who == null) {
            reject("not-a-member");
            return;
        }
        if (!text.startsWith(PeerCodec.VERB + " ")) {
            reject("no-message");
            return;
        }
        switch (codec.decode(text)) {
            case Decoded.Message message -> judge(from, who, direct, message);
            case Decoded.Ignored _ -> {
                // From a time to come.
            }
            case Decoded.Bad(String reason) -> reject(reason);
        }
    }

    private void judge(String from, Present who, boolean direct, Decoded.Message message) {
        switch (trust.judge(from, direct, message, clock.instant())) {
            case Trust.Verdict.Believed() -> {
                out.event(new TurnEvent.Heard(from, direct, message.message()));
                if (message.message() instanceof PeerMessage.Hello) {
                    greeted(from, who);
                }
            }
            case Trust.Verdict.Rejected(String reason) -> {
                reject(reason);
                if (reason.equals("unknown-sender")) {
                    // It is a bot after all; at the pace of the last question.
                    who.asked = Math.min(who.asked, MAX_GREETINGS - 1);
                }
            }
            case Trust.Verdict.Doubtful() -> {
                reject("doubtful-hello");
                who.askAt = Math.min(who.askAt, nanos.getAsLong() + soonNanos());
            }
        }
    }

    private void greeted(String from, Present who) {
        who.greeted = true;
        List<Held> held = List.copyOf(who.held);
        who.held.clear();
        long now = nanos.getAsLong();
        for (Held message : held) {
            if (now < message.untilNanos()) {
                say(from, message.message());
            }
        }
    }

    /// Something in here was not thought of.
    void failed() {
        reject("internal-error");
    }

    private void reject(String reason) {
        if (rejected.merge(reason, 1L, Long::sum) == 1) {
            out.rejected(reason);
        }
    }

    // Time.

    /// When [#onTime] has something to do; [Long#MAX_VALUE] for never.
    long dueNanos() {
        long due = NEVER;
        if (joined && ownHello != null) {
            for (Present one : there.values()) {
                if (!one.greeted && one.asked < MAX_GREETINGS) {
                    due = Math.min(due, one.askAt);
                }
            }
        }
        return due == NEVER ? NEVER : Math.max(due, greetedAt + GREETING_GAP_NANOS);
    }

    void onTime() {
        long now = nanos.getAsLong();
        PeerMessage.Hello hello = ownHello;
        if (hello == null || dueNanos() > now) {
            return;
        }
        for (Present one : there.values()) {
            if (!one.greeted && one.asked < MAX_GREETINGS) {
                one.asked++;
                one.askAt = now + AGAIN.toNanos() * (1L << (2 * (one.asked - 1))) + soonNanos();
            }
        }
        greetedAt = now;
        say(null, hello);
    }
}
