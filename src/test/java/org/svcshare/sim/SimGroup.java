package org.svcshare.sim;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.svcshare.channel.PeerCodec;
import org.svcshare.config.PeerSettings;
import org.svcshare.config.Secret;
import org.svcshare.store.Member;
import org.svcshare.turn.PeerMessage;

/// The members of a group on JGroups, as a bot's talk sees them: views that all of its members
/// share, split and merge, and messages that are reliable and in order within a view.
///
/// What a short cut of the network holds up arrives when it is over; what is on its way when a view
/// ends is lost. A member that dies is missed after a while, a longer one if its machine died with
/// it. One that starts finds the others, or founds a view of its own that is merged later. Members
/// hear of a new view one after the other.
final class SimGroup {
    static final String NAME = "svcshare";
    private static final long KILLED_MOST = 2 * Sim.SECOND;
    private static final long SILENT_LEAST = 6 * Sim.SECOND;
    private static final long SILENT_MOST = 10 * Sim.SECOND;
    private static final long CUT_LEAST = 2 * Sim.SECOND;
    private static final long CUT_MOST = 8 * Sim.SECOND;
    private static final long TOLD_MOST = 300 * Sim.MILLI;
    private static final double ALONE = 0.2;

    private final Sim sim;
    private PeerSettings peers;
    private final List<Seat> seats = new ArrayList<>();
    private final List<Letter> heldUp = new ArrayList<>();
    private final Map<String, Seat> villains = new HashMap<>();
    private boolean split;
    private int cuts;
    private long incarnations;

    /// What the owner of a seat gets to know.
    interface Node {
        void joined(Seat seat, Collection<Member> others);

        void came(Seat seat, Member member);

        void went(Seat seat, String name);

        void heard(Seat seat, String from, boolean direct, String text);
    }

    private record Letter(Seat from, Seat to, boolean direct, String text) {}

    /// Those who take each other for members.
    private static final class View {
        private final Set<Seat> seats = new LinkedHashSet<>();
    }

    /// One start of a member.
    final class Seat {
        private final Node node;
        private final Member member;
        private final Map<String, Long> told = new LinkedHashMap<>();
        private final Map<Seat, Long> last = new HashMap<>();
        private View view = new View();
        private int side;
        private boolean up = true;
        private boolean joined;

        private Seat(Node node, Member member) {
            this.node = node;
            this.member = member;
            view.seats.add(this);
        }

        String name() {
            return member.name();
        }

        boolean joined() {
            return up && joined;
        }

        void say(@Nullable String to, String text) {
            for (Seat seat : List.copyOf(view.seats)) {
                if (seat != this && (to == null || seat.name().equals(to))) {
                    post(new Letter(this, seat, to != null, text));
                }
            }
        }

        /// Says goodbye, behind everything that it has said.
        void leave() {
            up = false;
            long when = sim.nanos();
            for (long said : last.values()) {
                when = Math.max(when, said);
            }
            sim.at(when + sim.between(0, 100 * Sim.MILLI), () -> missed(this));
        }

        /// Dies.
        ///
        /// @param alone the process alone, so that its connections end
        void die(boolean alone) {
            up = false;
            sim.after(
                    alone
                            ? sim.between(100 * Sim.MILLI, KILLED_MOST)
                            : sim.between(SILENT_LEAST, SILENT_MOST),
                    () -> missed(this));
        }

        private void sync() {
            if (!joined()) {
                return;
            }
            Map<String, Member> actual = actual();
            for (String name : List.copyOf(told.keySet())) {
                if (!actual.containsKey(name)) {
                    told.remove(name);
                    node.went(this, name);
                }
            }
            actual.forEach((name, other) -> learn(other));
        }

        private void learn(Member other) {
            Long before = told.put(other.name(), other.incarnation());
            if (before == null || before != other.incarnation()) {
                node.came(this, other);
            }
        }

        private Map<String, Member> actual() {
            var actual = new LinkedHashMap<String, Member>();
            for (Seat seat : view.seats) {
                if (seat != this && seat.joined) {
                    actual.merge(
                            seat.name(),
                            seat.member,
                            (one, other) -> one.incarnation() > other.incarnation() ? one : other);
                }
            }
            return actual;
        }
    }

    SimGroup(Sim sim, boolean signed) {
        this.sim = sim;
        this.peers =
                signed
                        ? new PeerSettings(
                                List.of(new Secret("0123456789abcdef".repeat(2))), sim.chance(0.5))
                        : PeerSettings.ANY;
        sim.after(Sim.SECOND, this::look);
    }

    PeerSettings peers() {
        return peers;
    }

    /// Who does not sign is not believed.
    void signedOnly() {
        peers = new PeerSettings(peers.secrets(), true);
    }

    /// A member starts; joined when it has found others, or has given up looking for them.
    Seat start(Node node, String name) {
        var seat =
                new Seat(
                        node,
                        new Member(
                                name,
                                "%016x".formatted(Integer.toUnsignedLong(name.hashCode())),
                                ++incarnations,
                                "127.0.0.1:1",
                                Member.State.ALIVE,
                                Instant.EPOCH,
                                "test",
                                false));
        seat.side = split && sim.random().nextBoolean() ? 1 : 0;
        seats.add(seat);
        sim.after(sim.between(100 * Sim.MILLI, 2 * Sim.SECOND), () -> begin(seat));
        return seat;
    }

    private void begin(Seat seat) {
        if (!seat.up || seat.joined) {
            return;
        }
        for (Seat old : List.copyOf(seats)) {
            if (old != seat && !old.up && old.name().equals(seat.name())) {
                missed(old);
            }
        }
        boolean looks = !sim.chance(ALONE);
        for (Seat other : seats) {
            if (looks && other != seat && other.joined() && fit(seat.view, other.view)) {
                unite(seat.view, other.view);
                break;
            }
        }
        seat.joined = true;
        Map<String, Member> others = seat.actual();
        others.forEach((name, member) -> seat.told.put(name, member.incarnation()));
        seat.node.joined(seat, others.values());
        tell(seat.view);
    }

    private void missed(Seat gone) {
        seats.remove(gone);
        gone.view.seats.remove(gone);
        tell(gone.view);
    }

    private void tell(View view) {
        heldUp.removeIf(letter -> letter.from().view != letter.to().view);
        for (Seat seat : view.seats) {
            sim.after(sim.between(0, TOLD_MOST), seat::sync);
        }
    }

    // Messages.

    private void post(Letter letter) {
        long when =
                Math.max(
                        letter.from().last.getOrDefault(letter.to(), 0L),
                        sim.nanos() + sim.channel().delay());
        letter.from().last.put(letter.to(), when);
        sim.at(when, () -> arrive(letter));
    }

    private void arrive(Letter letter) {
        Seat from = letter.from();
        Seat to = letter.to();
        if (!to.joined() || !to.view.seats.contains(from)) {
            return;
        }
        boolean behind = heldUp.stream().anyMatch(held -> held.from() == from && held.to() == to);
        if (from.side != to.side || behind) {
            if (from.up) {
                heldUp.add(letter);
            }
            return;
        }
        to.learn(from.member);
        to.node.heard(to, from.name(), letter.direct(), letter.text());
    }

    /// Somebody who is a member and means ill says something, as a name that he has had from the
    /// beginning or comes by now.
    void forge(String name, String to, PeerMessage message) {
        Seat seat =
                villains.computeIfAbsent(
                        name,
                        _ -> {
                            Seat fresh = start(new Silence(), name);
                            begin(fresh);
                            return fresh;
                        });
        try {
            seat.say(to.isEmpty() ? null : to, new PeerCodec().encode(message));
        } catch (IllegalArgumentException _) {
            // What the codec does not write, nobody hears.
        }
    }

    /// The members that mean ill are gone.
    void rest() {
        villains.values().forEach(Seat::leave);
        villains.clear();
    }

    /// Hears nothing.
    private static final class Silence implements Node {
        @Override
        public void joined(Seat seat, Collection<Member> others) {}

        @Override
        public void came(Seat seat, Member member) {}

        @Override
        public void went(Seat seat, String name) {}

        @Override
        public void heard(Seat seat, String from, boolean direct, String text) {}
    }

    // Views.

    boolean troubled() {
        if (split) {
            return true;
        }
        View one = null;
        for (Seat seat : seats) {
            if (seat.joined()) {
                if (one != null && seat.view != one) {
                    return true;
                }
                one = seat.view;
            }
        }
        return false;
    }

    /// The network between these and all others is cut; both sides notice after a while.
    void split(Collection<String> names) {
        split = true;
        cuts++;
        for (Seat seat : seats) {
            seat.side = names.contains(seat.name()) ? 1 : 0;
        }
        sim.invariants().troubled();
        int cut = cuts;
        sim.after(
                sim.between(CUT_LEAST, CUT_MOST),
                () -> {
                    if (split && cut == cuts) {
                        part();
                    }
                });
    }

    private void part() {
        for (View view : views()) {
            var far = new View();
            for (Seat seat : List.copyOf(view.seats)) {
                if (seat.side == 1) {
                    view.seats.remove(seat);
                    far.seats.add(seat);
                    seat.view = far;
                }
            }
            tell(view);
            tell(far);
        }
        sim.invariants().troubled();
    }

    void heal() {
        split = false;
        cuts++;
        seats.forEach(seat -> seat.side = 0);
        List<Letter> late = List.copyOf(heldUp);
        heldUp.clear();
        late.stream().filter(letter -> letter.from().up).forEach(this::post);
        sim.invariants().troubled();
    }

    /// Members look for others of their group all the time.
    private void look() {
        List<View> views = views();
        for (int i = 0; i < views.size(); i++) {
            for (int j = i + 1; j < views.size(); j++) {
                View one = views.get(i);
                View other = views.get(j);
                if (hasJoined(one) && hasJoined(other) && fit(one, other)) {
                    unite(one, other);
                    tell(other);
                    sim.invariants().troubled();
                    views.set(i, other);
                    break;
                }
            }
        }
        sim.after(sim.between(Sim.SECOND, 3 * Sim.SECOND), this::look);
    }

    private static boolean hasJoined(View view) {
        return view.seats.stream().anyMatch(Seat::joined);
    }

    /// Whether all who live reach each other.
    private static boolean fit(View one, View other) {
        int sides = 0;
        for (View view : List.of(one, other)) {
            for (Seat seat : view.seats) {
                sides |= seat.up ? 1 << seat.side : 0;
            }
        }
        return one != other && sides != 3;
    }

    private static void unite(View one, View into) {
        for (Seat seat : one.seats) {
            seat.view = into;
            into.seats.add(seat);
        }
    }

    private List<View> views() {
        var views = new LinkedHashSet<View>();
        seats.forEach(seat -> views.add(seat.view));
        return new ArrayList<>(views);
    }
}
