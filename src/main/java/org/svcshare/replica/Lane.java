package org.svcshare.replica;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// One node's way through the writes: how far it has come, what it was sent, what it is to be sent
/// again, and what it refused.
final class Lane {
    static final long NEVER = Long.MAX_VALUE;

    enum Step {
        /// It was sent.
        FLYING,

        /// It was answered, and whether that is right is not known yet.
        HELD,

        /// It is to be sent again.
        WAITING,

        /// The node has it, or never gets it.
        DONE
    }

    /// A write that was sent and is not passed yet.
    static final class Slot {
        /// Of the write; 0 for one that was parked and is tried again.
        final long number;

        final long position;
        Step step = Step.FLYING;

        /// Whether the node may have got it before.
        boolean again;

        /// When it first failed; 0 if it never did.
        long failedAtMs;

        int status;

        private Slot(long number, long position) {
            this.number = number;
            this.position = position;
        }
    }

    final long since;
    final TreeSet<Long> skipped = new TreeSet<>();
    final TreeMap<Long, ReplicaNote.Parked> parked = new TreeMap<>();
    private final ArrayDeque<Slot> slots = new ArrayDeque<>();

    /// What is to be kept before this one passes what it is about.
    final Unkept unkept = new Unkept();

    /// Writes that it refused, while the log does not say what follows.
    final TreeSet<Long> refusals = new TreeSet<>();

    private final ArrayDeque<Long> releases = new ArrayDeque<>();

    Node node;

    /// The last write that it has got or passed by: its number, and its place in the log. Of a
    /// fresh node the place alone says something.
    long passed;

    long passedPosition;
    boolean up = true;
    String outOfStep = "";

    /// Why it gets nothing now.
    String trouble = "";

    /// Whether it has had all there was since it was last in trouble.
    boolean current = true;

    @Nullable NodeAddress copyOf;
    NodeView.@Nullable Fault lastError;
    private int failures;
    private long retryAtMs;

    Lane(Node node, long since, long passedPosition) {
        this.node = node;
        this.since = since;
        this.passedPosition = passedPosition;
    }

    NodeAddress address() {
        return node.address();
    }

    /// Whether it may be asked what it thinks of a write, now.
    boolean votes() {
        return node.active()
                && !node.maintenance()
                && up
                && current
                && failures == 0
                && outOfStep().isEmpty();
    }

    /// Why it does not have what the others have.
    String outOfStep() {
        if (!outOfStep.isEmpty() || parked.isEmpty()) {
            return outOfStep;
        }
        return parked.size() == 1
                ? "a write was put aside"
                : parked.size() + " writes were put aside";
    }

    /// Whether it has done a write that it has passed, when nobody remembers what it said.
    boolean did(long position) {
        return node.active()
                && passedPosition >= position
                && copyOf == null
                && outOfStep.isEmpty()
                && !parked.containsKey(position);
    }

    boolean sends(long nowMs) {
        return node.active() && !node.maintenance() && up && nowMs >= retryAtMs;
    }

    /// When it is to be tried again; NEVER when nothing waits for that.
    long retryAtMs() {
        boolean waiting = slots.stream().anyMatch(slot -> slot.step == Step.WAITING);
        return waiting && node.active() && !node.maintenance() && up ? retryAtMs : NEVER;
    }

    int flying() {
        int flying = 0;
        for (Slot slot : slots) {
            if (slot.step == Step.FLYING) {
                flying++;
            }
        }
        return flying;
    }

    /// The number of the write that comes behind those that it was sent.
    long ahead() {
        Slot last = slots.peekLast();
        return (last == null || last.number == 0 ? passed : last.number) + 1;
    }

    /// Whether it may be sent one more, as far as those it was sent go.
    boolean open(int inFlight) {
        if (failures > 0) {
            return slots.isEmpty();
        }
        if (slots.size() >= inFlight) {
            return false;
        }
        for (Slot slot : slots) {
            if (slot.step == Step.HELD || slot.step == Step.WAITING || slot.number == 0) {
                return false;
            }
        }
        return true;
    }

    Slot fly(long number, long position) {
        var slot = new Slot(number, position);
        slots.add(slot);
        return slot;
    }

    /// One that is to be sent again, if one may be now: those that were lost go in their order.
    @Nullable Slot waiting() {
        for (Slot slot : slots) {
            switch (slot.step) {
                case WAITING -> {
                    return slot;
                }
                case FLYING -> {
                    if (failures > 0) {
                        return null;
                    }
                }
                case HELD -> {
                    return null;
                }
                case DONE -> {}
            }
        }
        return null;
    }

    /// The one that the next answer belongs to.
    @Nullable Slot answering(long position) {
        for (Slot slot : slots) {
            if (slot.step == Step.FLYING) {
                return slot.position == position ? slot : null;
            }
        }
        return null;
    }

    @Nullable Slot of(long number) {
        for (Slot slot : slots) {
            if (slot.number == number) {
                return slot;
            }
        }
        return null;
    }

    void release(long position) {
        if (!releases.contains(position)) {
            releases.add(position);
        }
    }

    /// A parked write that is to be tried again, when nothing else is under way.
    @Nullable Long releasing() {
        return slots.isEmpty() ? releases.poll() : null;
    }

    void unrelease(long position) {
        releases.remove(position);
    }

    /// Takes off what is done at the head.
    ///
    /// @param until the write that none may pass
    /// @return whether it came further
    boolean advance(long until) {
        long before = passed;
        long end = Math.min(until, unkept.first());
        for (Slot head = slots.peek();
                head != null && head.step == Step.DONE && head.number < end;
                head = slots.peek()) {
            slots.remove();
            if (head.number != 0) {
                passed = head.number;
                passedPosition = head.position;
                skipped.remove(head.position);
            }
        }
        return passed != before;
    }

    /// It did something right.
    void recovered() {
        failures = 0;
        retryAtMs = 0;
        trouble = "";
    }

    void failed(String why, ReplicaRules rules, long nowMs) {
        failures++;
        trouble = why;
        current = false;
        retryAtMs = nowMs + pauseMs(rules);
    }

    private long pauseMs(ReplicaRules rules) {
        long doubled = rules.firstPause().toMillis() << Math.min(failures - 1, 20);
        return Math.min(doubled, rules.longestPause().toMillis());
    }

    /// It may be tried at once.
    void hurry() {
        retryAtMs = 0;
    }

    /// What it was sent and has not answered is to be sent again.
    ///
    /// @return whether there was any
    boolean lost(long nowMs) {
        boolean any = false;
        for (Iterator<Slot> each = slots.iterator(); each.hasNext(); ) {
            Slot slot = each.next();
            if (slot.step != Step.FLYING) {
                continue;
            }
            any = true;
            if (slot.number == 0) {
                each.remove();
            } else {
                slot.step = Step.WAITING;
                slot.again = true;
                slot.failedAtMs = slot.failedAtMs == 0 ? nowMs : slot.failedAtMs;
            }
        }
        return any;
    }

    /// Goes on behind a write, whatever it was sent.
    void jump(long number, long position) {
        slots.clear();
        releases.clear();
        passed = number;
        passedPosition = position;
        skipped.headSet(position, true).clear();
    }

    /// Starts anew with what it was sent and has not passed, as after a restart.
    void rewind() {
        slots.clear();
        releases.clear();
        failures = 0;
        retryAtMs = 0;
        trouble = "";
    }

    ReplicaNote.LaneImage image() {
        return new ReplicaNote.LaneImage(
                node,
                since,
                passedPosition,
                outOfStep,
                java.util.List.copyOf(skipped),
                java.util.List.copyOf(parked.values()),
                Optional.ofNullable(copyOf));
    }

    static Lane of(ReplicaNote.LaneImage image) {
        var lane = new Lane(image.node(), image.since(), image.passed());
        lane.outOfStep = image.outOfStep();
        lane.skipped.addAll(image.skipped());
        image.parked().forEach(each -> lane.parked.put(each.position(), each));
        lane.copyOf = image.copyOf().orElse(null);
        return lane;
    }
}
