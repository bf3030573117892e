package org.svcshare.replica;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.svcshare.replica.Lane.Slot;
import org.svcshare.replica.Lane.Step;

/// Which write goes to which node when, and what follows from the answers.
///
/// There is one order of writes, that of the log. Every node is sent them in this order, each when
/// it has answered the one before ([ReplicaRules#inFlight] may allow more); a node that is away
/// stays where it is and goes on from there. What the nodes agree on is the outcome of a write; a
/// node that says something else is given the write again, or has it put aside, or is out of step.
///
/// Not thread-safe. Effects go to the consumer while an event is handled, in order.
public final class Replication {
    private static final int ERROR = 400;
    private static final int FAILURE = 500;

    private final ReplicaRules rules;
    private final Consumer<ReplicaEffect> effects;
    private final Lanes lanes = new Lanes(this::tell);
    private final Writes writes = new Writes();

    /// Those that a client waits for, or whose outcome is not known while a node has answered.
    private final TreeMap<Long, Course> courses = new TreeMap<>();

    /// The numbers of those that a client waited for, oldest first.
    private final ArrayDeque<Long> awaited = new ArrayDeque<>();

    /// Outcomes that were read before the writes they are of.
    private final Map<Long, Integer> agreed = new HashMap<>();

    private boolean begun;
    private long nowMs;

    public Replication(ReplicaRules rules, Consumer<ReplicaEffect> effects) {
        this.rules = rules;
        this.effects = effects;
    }

    private void tell(ReplicaEffect effect) {
        if (begun) {
            effects.accept(effect);
        }
    }

    // Before the beginning: what a log has, in its order.

    /// A write that the log has; those that every node has are of no use, and do no harm.
    public void restoreWrite(long position, long sizeBytes, long atMs) {
        lanes.lastWrite = Math.max(lanes.lastWrite, position);
        long number = writes.add(position, sizeBytes, atMs);
        Integer status = agreed.remove(position);
        if (status != null) {
            writes.outcome(number, status);
        }
    }

    public NodeChange.Result restoreChange(NodeChange change, long position) {
        return lanes.apply(change, position, writes);
    }

    public void restore(ReplicaNote note) {
        switch (note) {
            case ReplicaNote.Agreed(long position, int status) -> restoreOutcome(position, status);
            case ReplicaNote.Parked parked ->
                    lanes.find(parked.node())
                            .ifPresent(lane -> lane.parked.put(parked.position(), parked));
            case ReplicaNote.Taken(NodeAddress node, long position) ->
                    lanes.find(node).ifPresent(lane -> lane.parked.remove(position));
            case ReplicaNote.Came(NodeAddress node, long position) ->
                    lanes.find(node).ifPresent(lane -> lane.passedPosition = position);
            case ReplicaNote.OutOfStep(NodeAddress node, String why) ->
                    lanes.find(node).ifPresent(lane -> lane.outOfStep = why);
            case ReplicaNote.Image image -> {
                lanes.restore(image);
                image.agreed().forEach(each -> restoreOutcome(each.position(), each.status()));
            }
        }
    }

    private void restoreOutcome(long position, int status) {
        long number = writes.number(position);
        if (number != 0) {
            writes.outcome(number, status);
        } else {
            agreed.put(position, status);
        }
    }

    /// How far a node had come when it was last seen, where that is kept apart from the log.
    ///
    /// @param since which node at this address ([#marks])
    public void restorePassed(NodeAddress node, long since, long position) {
        lanes.find(node)
                .filter(lane -> lane.since == since && position > lane.passedPosition)
                .ifPresent(lane -> lane.passedPosition = Math.min(position, lanes.lastWrite));
    }

    /// From here on there are effects.
    public void begin(long atMs) {
        begun = true;
        nowMs = Math.max(nowMs, atMs);
        agreed.clear();
        for (Lane lane : lanes.all()) {
            lane.passed = writes.after(lane.passedPosition) - 1;
            lane.current = behind(lane) == 0;
            if (!lane.node.active()) {
                came(lane);
            }
        }
        lanes.all().forEach(this::pump);
        forget();
    }

    private void came(Lane lane) {
        tell(new ReplicaEffect.Keep(new ReplicaNote.Came(lane.address(), lane.passedPosition)));
    }

    // After it.

    /// @param atMs when it happened, in milliseconds of the epoch; what goes back is taken as what
    ///   was before
    /// @return what became of a change; nothing for other events
    public Optional<NodeChange.Result> on(ReplicaEvent event, long atMs) {
        nowMs = Math.max(nowMs, atMs);
        switch (event) {
            case ReplicaEvent.Written written -> written(written);
            case ReplicaEvent.Answered answer ->
                    lanes.find(answer.node()).ifPresent(lane -> answered(lane, answer));
            case ReplicaEvent.Lost(NodeAddress node, String why) ->
                    lanes.find(node).ifPresent(lane -> lost(lane, why));
            case ReplicaEvent.Up(NodeAddress node) -> lanes.find(node).ifPresent(this::up);
            case ReplicaEvent.Down(NodeAddress node, String why) ->
                    lanes.find(node).ifPresent(lane -> down(lane, why));
            case ReplicaEvent.Noticed(NodeAddress node, String why) ->
                    lanes.find(node).ifPresent(lane -> outOfStep(lane, why));
            case ReplicaEvent.Changed(NodeChange change, long position) -> {
                NodeChange.Result result = changed(change, position);
                forget();
                return Optional.of(result);
            }
            case ReplicaEvent.Tick() -> tick();
        }
        forget();
        return Optional.empty();
    }

    private void written(ReplicaEvent.Written written) {
        lanes.lastWrite = written.position();
        long number = writes.add(written.position(), written.sizeBytes(), nowMs);
        if (written.awaited()) {
            courses.put(number, new Course(true, nowMs + rules.timeout().toMillis()));
            awaited.add(number);
        }
        for (Lane lane : lanes.all()) {
            if (!lane.node.active()) {
                continue;
            }
            if (behind(lane) > rules.queueWrites()) {
                overflow(lane);
            } else {
                pump(lane);
            }
        }
    }

    private void overflow(Lane lane) {
        int missed = (int) behind(lane);
        pass(lane, writes.next() - 1);
        outOfStep(lane, "was too far behind: %,d writes were not kept for it".formatted(missed));
    }

    /// Goes on behind a write, whatever is under way.
    private void pass(Lane lane, long number) {
        lane.jump(number, writes.position(number));
        effects.accept(new ReplicaEffect.Recall(lane.address()));
        passed(lane);
    }

    private void answered(Lane lane, ReplicaEvent.Answered answer) {
        Slot slot = lane.answering(answer.position());
        if (slot == null) {
            return;
        }
        int status = answer.status();
        slot.status = status;
        if (slot.number == 0) {
            released(lane, slot, status);
        } else if (temporary(status)) {
            again(lane, slot, "answered " + status);
        } else {
            judge(lane, slot, answer);
        }
        settle(lane);
    }

    /// RFC 9110 15.5.9, 15.6.3 to 15.6.5, RFC 8470 5.2, RFC 6585 4: come again.
    private static boolean temporary(int status) {
        return switch (status) {
            case 408, 425, 429, 502, 503, 504 -> true;
            default -> false;
        };
    }

    private void again(Lane lane, Slot slot, String why) {
        slot.step = Step.WAITING;
        if (slot.failedAtMs == 0) {
            slot.failedAtMs = nowMs;
        }
        lane.failed(why, rules, nowMs);
        lane.lastError = new NodeView.Fault(why, Instant.ofEpochMilli(nowMs));
        recount();
    }

    private void judge(Lane lane, Slot slot, ReplicaEvent.Answered answer) {
        int status = answer.status();
        if (slot.again && answer.gone()) {
            // It found nothing to remove, as it has removed it before.
            int outcome = writes.outcome(slot.number);
            status = outcome != 0 && outcome < ERROR ? outcome : status;
        }
        if (writes.outcome(slot.number) != 0) {
            compare(lane, slot.number, status);
            return;
        }
        if (status >= ERROR && doneElsewhere(lane, slot.number)) {
            refused(lane, slot, slot.number, status);
            return;
        }
        Course course =
                courses.computeIfAbsent(slot.number, _ -> new Course(false, Long.MAX_VALUE));
        course.vote(lane.address(), status, answer.digest());
        boolean certain = status < ERROR || (status < FAILURE && rules.parkRefused());
        slot.step = certain ? Step.DONE : Step.HELD;
        if (status < FAILURE) {
            lane.recovered();
        }
        weigh(slot.number, course);
    }

    /// Whether another node has passed by a write in an earlier life of ours, so that nobody knows
    /// any more what it said. One that fails is not passed by: it was done there.
    private boolean doneElsewhere(Lane lane, long number) {
        Course course = courses.get(number);
        for (Lane other : lanes.all()) {
            boolean voted = course != null && course.votes().containsKey(other.address());
            if (other != lane && other.node.active() && other.passed >= number && !voted) {
                return true;
            }
        }
        return false;
    }

    /// Looks whether the outcome of a write is known now, and whether its client can be told.
    private void weigh(long number, Course course) {
        List<NodeAddress> electorate = lanes.electorate(number);
        if (writes.outcome(number) == 0) {
            course.outcome(electorate)
                    .ifPresent(outcome -> {
                        writes.outcome(number, outcome.status());
                        effects.accept(
                                new ReplicaEffect.Keep(
                                        new ReplicaNote.Agreed(
                                                writes.position(number), outcome.status())));
                        compareAll(number, course, outcome);
                    });
        }
        if (course.awaited()) {
            course.reply(rules.answer(), electorate, lanes.everybody())
                    .ifPresent(reply -> tell(number, course, reply));
        }
        if (!course.awaited() && writes.outcome(number) != 0) {
            courses.remove(number);
        }
    }

    private void tell(long number, Course course, Reply reply) {
        course.told();
        effects.accept(new ReplicaEffect.Tell(writes.position(number), reply));
    }

    private void compareAll(long number, Course course, Course.Vote outcome) {
        for (var entry : List.copyOf(course.votes().entrySet())) {
            Lane lane = lanes.find(entry.getKey()).orElse(null);
            if (lane == null) {
                continue;
            }
            Course.Vote vote = entry.getValue();
            compare(lane, number, vote.status());
            boolean otherBody =
                    vote.status() == outcome.status() && vote.digest() != outcome.digest();
            if (otherBody && !again(lane, number)) {
                outOfStep(
                        lane,
                        "answered write %d with another body than the others"
                                .formatted(writes.position(number)));
            }
            settle(lane);
        }
    }

    private static boolean again(Lane lane, long number) {
        Slot slot = lane.of(number);
        return slot != null && slot.again;
    }

    /// Holds what a node said against the outcome.
    private void compare(Lane lane, long number, int status) {
        Slot slot = lane.of(number);
        int outcome = writes.outcome(number);
        boolean did = status < ERROR;
        boolean done = outcome < ERROR;
        if (done && !did) {
            refused(lane, slot, number, status);
            return;
        }
        if (slot != null) {
            slot.step = Step.DONE;
        }
        lane.recovered();
        if (did && outcome >= FAILURE) {
            revise(lane, number, status);
            return;
        }
        boolean again = slot != null && slot.again;
        // Sent again, "created" may well be "changed".
        if (did != done || (did && status != outcome && !again)) {
            outOfStep(
                    lane,
                    "answered %d to write %d where the others answered %d"
                            .formatted(status, writes.position(number), outcome));
        }
    }

    /// A node has done what others could not do: those miss it.
    private void revise(Lane did, long number, int status) {
        int failure = writes.outcome(number);
        writes.outcome(number, status);
        effects.accept(
                new ReplicaEffect.Keep(new ReplicaNote.Agreed(writes.position(number), status)));
        for (Lane lane : lanes.all()) {
            Slot slot = lane.of(number);
            boolean failed = lane.passed >= number || (slot != null && slot.step == Step.DONE);
            if (lane != did && lane.node.active() && failed) {
                park(lane, number, failure);
            }
        }
    }

    /// A node does not take what the others have taken.
    private void refused(Lane lane, @Nullable Slot slot, long number, int status) {
        boolean forGood = status < FAILURE;
        if (slot == null) {
            park(lane, number, status);
            return;
        }
        boolean longEnough =
                slot.failedAtMs != 0 && nowMs - slot.failedAtMs >= rules.refusedFor().toMillis();
        if (!forGood && !longEnough) {
            again(lane, slot, "answered " + status);
        } else if (rules.parkRefused()) {
            park(lane, number, status);
            slot.step = Step.DONE;
            lane.recovered();
        } else if (slot.step != Step.HELD || lane.trouble.isEmpty()) {
            slot.step = Step.HELD;
            lane.current = false;
            lane.trouble = "refuses write %d with %d".formatted(writes.position(number), status);
            effects.accept(new ReplicaEffect.Report(lane.address(), lane.trouble));
        }
    }

    private void park(Lane lane, long number, int status) {
        String why = "answered " + status;
        var note =
                new ReplicaNote.Parked(
                        lane.address(),
                        writes.position(number),
                        status,
                        why,
                        writes.sizeBytes(number),
                        writes.atMs(number));
        lane.parked.put(note.position(), note);
        effects.accept(new ReplicaEffect.Keep(note));
        effects.accept(
                new ReplicaEffect.Report(
                        lane.address(),
                        "write %d was put aside: %s".formatted(note.position(), why)));
        if (lane.parked.size() > rules.parked()) {
            ReplicaNote.Parked oldest = lane.parked.firstEntry().getValue();
            lane.parked.remove(oldest.position());
            effects.accept(
                    new ReplicaEffect.Keep(
                            new ReplicaNote.Taken(lane.address(), oldest.position())));
            outOfStep(lane, "refused more writes than are put aside");
        }
    }

    private void released(Lane lane, Slot slot, int status) {
        slot.step = Step.DONE;
        ReplicaNote.Parked parked = lane.parked.get(slot.position);
        if (parked == null) {
            return;
        }
        if (status < ERROR) {
            lane.parked.remove(slot.position);
            effects.accept(
                    new ReplicaEffect.Keep(new ReplicaNote.Taken(lane.address(), slot.position)));
        } else {
            var refused =
                    new ReplicaNote.Parked(
                            parked.node(),
                            parked.position(),
                            status,
                            "answered " + status + " again",
                            parked.sizeBytes(),
                            parked.atMs());
            lane.parked.put(slot.position, refused);
            effects.accept(new ReplicaEffect.Keep(refused));
        }
    }

    private void outOfStep(Lane lane, String why) {
        if (!lane.outOfStep.isEmpty()) {
            return;
        }
        lane.outOfStep = why;
        effects.accept(new ReplicaEffect.Keep(new ReplicaNote.OutOfStep(lane.address(), why)));
        effects.accept(new ReplicaEffect.Report(lane.address(), "out of step: " + why));
        recount();
    }

    private void lost(Lane lane, String why) {
        lane.lastError = new NodeView.Fault(why, Instant.ofEpochMilli(nowMs));
        if (lane.lost(nowMs)) {
            lane.failed(why, rules, nowMs);
            recount();
            pump(lane);
        }
    }

    private void up(Lane lane) {
        if (!lane.up) {
            lane.up = true;
            lane.trouble = "";
            lane.hurry();
            effects.accept(new ReplicaEffect.Report(lane.address(), "can be asked again"));
        }
        settle(lane);
    }

    private void down(Lane lane, String why) {
        lane.lastError = new NodeView.Fault(why, Instant.ofEpochMilli(nowMs));
        if (lane.up) {
            lane.up = false;
            lane.trouble = why;
            effects.accept(new ReplicaEffect.Report(lane.address(), "cannot be asked: " + why));
            recount();
        }
    }

    private NodeChange.Result changed(NodeChange change, long position) {
        NodeChange.Result result = lanes.apply(change, position, writes);
        for (Lane lane : lanes.all()) {
            lane.current &= behind(lane) == 0 || lane.votes();
        }
        courses.values()
                .forEach(course ->
                        course.votes().keySet().removeIf(node -> lanes.find(node).isEmpty()));
        if (result instanceof NodeChange.Result.Done(_, List<Node> nodes)) {
            nodes.forEach(node -> lanes.find(node.address()).ifPresent(this::came));
        }
        recount();
        lanes.all().forEach(this::settle);
        return result;
    }

    /// Who can be asked has changed: some writes may have their outcome now.
    private void recount() {
        for (var entry : List.copyOf(courses.entrySet())) {
            weigh(entry.getKey(), entry.getValue());
        }
    }

    private void tick() {
        boolean fewer = false;
        for (Lane lane : lanes.all()) {
            boolean slow =
                    lane.current
                            && behind(lane) > 0
                            && nowMs - writes.atMs(lane.passed + 1) > rules.lag().toMillis();
            if (slow) {
                lane.current = false;
                fewer = true;
            }
        }
        if (fewer) {
            recount();
        }
        for (Long head = awaited.peek(); head != null; head = awaited.peek()) {
            Course course = courses.get(head);
            if (course != null && course.awaited()) {
                if (nowMs < course.deadlineMs()) {
                    break;
                }
                int asked = lanes.everybody().size();
                tell(head, course, new Reply.Later(course.statuses(), asked));
                if (writes.outcome(head) != 0 || course.votes().isEmpty()) {
                    courses.remove(head);
                }
            }
            awaited.remove();
        }
        lanes.all().forEach(this::settle);
    }

    /// Moves a node on behind what is done, and sends it what comes.
    private void settle(Lane lane) {
        if (lane.advance()) {
            passed(lane);
        }
        pump(lane);
    }

    private void passed(Lane lane) {
        effects.accept(new ReplicaEffect.Passed(lane.address(), lane.passedPosition));
        for (Lane copy : lanes.copiesOf(lane.address())) {
            copy.jump(lane.passed, lane.passedPosition);
            effects.accept(new ReplicaEffect.Passed(copy.address(), copy.passedPosition));
        }
    }

    private void pump(Lane lane) {
        if (behind(lane) == 0 && lane.flying() == 0) {
            lane.current |= lane.trouble.isEmpty() || lane.up;
        }
        if (!begun || !lane.sends(nowMs)) {
            return;
        }
        for (Slot slot = lane.waiting(); slot != null; slot = lane.waiting()) {
            slot.step = Step.FLYING;
            effects.accept(new ReplicaEffect.Send(lane.address(), slot.position, slot.again));
        }
        Long parked = lane.releasing();
        if (parked != null && lane.parked.containsKey(parked)) {
            lane.fly(0, parked);
            effects.accept(new ReplicaEffect.Send(lane.address(), parked, true));
            return;
        }
        boolean stepped = false;
        while (lane.open(rules.inFlight()) && lane.ahead() < writes.next()) {
            long number = lane.ahead();
            long position = writes.position(number);
            Slot slot = lane.fly(number, position);
            if (lane.skipped.contains(position)) {
                slot.step = Step.DONE;
                stepped |= lane.advance();
            } else {
                effects.accept(new ReplicaEffect.Send(lane.address(), position, false));
            }
        }
        if (stepped) {
            passed(lane);
        }
    }

    private long behind(Lane lane) {
        return lane.node.active() ? writes.next() - 1 - lane.passed : 0;
    }

    /// Forgets the writes that nobody has yet to get.
    private void forget() {
        long needed = writes.next();
        for (Lane lane : lanes.all()) {
            if (lane.node.active()) {
                needed = Math.min(needed, lane.passed + 1);
            }
        }
        Map.Entry<Long, Course> oldest = courses.firstEntry();
        if (oldest != null) {
            needed = Math.min(needed, oldest.getKey());
        }
        writes.forgetBefore(needed);
    }

    // What can be seen.

    /// Records up to here are of no use any more: every node has the writes among them.
    ///
    /// @param end the last position in the log
    public long doneUpTo(long end) {
        long done = writes.first() < writes.next() ? writes.position(writes.first()) - 1 : end;
        for (Lane lane : lanes.all()) {
            if (!lane.parked.isEmpty()) {
                done = Math.min(done, lane.parked.firstKey() - 1);
            }
        }
        return done;
    }

    /// All of it, to begin again from: restore it, then the writes behind [#doneUpTo], and of
    /// changes and notes those behind `at`.
    ///
    /// @param at the last position of the log that this has heard of
    public ReplicaNote.Image image(long at) {
        var outcomes = new ArrayList<ReplicaNote.Agreed>();
        for (long number = writes.first(); number < writes.next(); number++) {
            if (writes.outcome(number) != 0) {
                outcomes.add(
                        new ReplicaNote.Agreed(writes.position(number), writes.outcome(number)));
            }
        }
        return new ReplicaNote.Image(
                at, lanes.lastWrite, lanes.all().stream().map(Lane::image).toList(), outcomes);
    }

    /// Whether something will be due without anything else happening: a client's time, a node that
    /// is to be tried again.
    public boolean restless() {
        return !courses.isEmpty()
                || lanes.all().stream().anyMatch(lane -> lane.node.active() && behind(lane) > 0);
    }

    /// What has become of a write; empty when it is not known any more, or never was.
    public Optional<Integer> outcome(long position) {
        long number = writes.number(position);
        return number == 0 ? Optional.empty() : Optional.of(writes.outcome(number));
    }

    /// What each node that takes part has said to a write that is known: its status, 0 for nothing.
    public Map<NodeAddress, Integer> statuses(long position) {
        var statuses = new TreeMap<NodeAddress, Integer>();
        long number = writes.number(position);
        if (number == 0) {
            return statuses;
        }
        Course course = courses.get(number);
        for (Lane lane : lanes.all()) {
            if (lane.node.active()) {
                ReplicaNote.Parked parked = lane.parked.get(position);
                int status = lane.passed >= number ? writes.outcome(number) : 0;
                statuses.put(lane.address(), parked == null ? status : parked.status());
            }
        }
        if (course != null) {
            course.votes().forEach((node, vote) -> statuses.put(node, vote.status()));
        }
        return statuses;
    }

    /// The nodes as they stand, in the order in which they were added.
    public List<NodeView> views(LaneExtras extras) {
        return lanes.all().stream().map(lane -> view(lane, extras)).toList();
    }

    /// What is known of a node elsewhere.
    public interface LaneExtras {
        NodeCounts counts(NodeAddress node);

        int underWay(NodeAddress node);
    }

    /// What matters to reads.
    ///
    /// @param passed the position up to which it has every write
    public record Standing(Node node, NodeState state, boolean up, long passed) {}

    /// How the nodes stand, in the order in which they were added.
    public List<Standing> standings() {
        var standings = new ArrayList<Standing>();
        for (Lane lane : lanes.all()) {
            standings.add(
                    new Standing(
                            lane.node, state(lane, behind(lane)), lane.up, lane.passedPosition));
        }
        return standings;
    }

    private NodeView view(Lane lane, LaneExtras extras) {
        long queue = behind(lane);
        long bytes = 0;
        for (long number = lane.passed + 1; queue > 0 && number < writes.next(); number++) {
            bytes += writes.sizeBytes(number);
        }
        Optional<Instant> oldest =
                queue == 0
                        ? Optional.empty()
                        : Optional.of(Instant.ofEpochMilli(writes.atMs(lane.passed + 1)));
        NodeState state = state(lane, queue);
        return new NodeView(
                lane.node,
                state,
                lane.up,
                state == NodeState.OUT_OF_STEP ? lane.outOfStep() : lane.trouble,
                queue,
                bytes,
                oldest,
                lane.parked.size(),
                lane.passedPosition,
                extras.underWay(lane.address()),
                extras.counts(lane.address()),
                Optional.ofNullable(lane.lastError));
    }

    private static NodeState state(Lane lane, long queue) {
        if (!lane.node.active()) {
            return NodeState.INACTIVE;
        }
        if (!lane.outOfStep().isEmpty()) {
            return NodeState.OUT_OF_STEP;
        }
        if (lane.current || queue == 0) {
            return NodeState.IN_STEP;
        }
        boolean stands = lane.node.maintenance() || !lane.up || !lane.trouble.isEmpty();
        return stands ? NodeState.BEHIND : NodeState.CATCHING_UP;
    }

    /// What a node has yet to get, oldest first: positions, sizes and times.
    ///
    /// @param after positions up to this one are left out
    public Optional<List<QueuedWrite>> queue(NodeAddress node, long after, int most) {
        return lanes.find(node).map(lane -> queue(lane, after, most));
    }

    private List<QueuedWrite> queue(Lane lane, long after, int most) {
        var queue = new ArrayList<QueuedWrite>();
        for (ReplicaNote.Parked each : lane.parked.tailMap(after, false).values()) {
            if (queue.size() < most) {
                queue.add(
                        new QueuedWrite(
                                each.position(),
                                "",
                                "",
                                each.sizeBytes(),
                                Instant.ofEpochMilli(each.atMs()),
                                true,
                                each.why(),
                                each.status()));
            }
        }
        long from = Math.max(writes.after(after), lane.passed + 1);
        for (long number = from;
                behind(lane) > 0 && number < writes.next() && queue.size() < most;
                number++) {
            Slot slot = lane.of(number);
            if (!lane.skipped.contains(writes.position(number))) {
                queue.add(
                        new QueuedWrite(
                                writes.position(number),
                                "",
                                "",
                                writes.sizeBytes(number),
                                Instant.ofEpochMilli(writes.atMs(number)),
                                false,
                                "",
                                slot == null ? 0 : slot.status));
            }
        }
        return queue;
    }

    /// Which node is at an address: the position at which it was made.
    public Map<NodeAddress, Long> marks() {
        var marks = new TreeMap<NodeAddress, Long>();
        lanes.all().forEach(lane -> marks.put(lane.address(), lane.since));
        return marks;
    }

    @Override
    public String toString() {
        var open = new StringBuilder();
        courses.forEach((number, course) ->
                open.append(
                        " %d:%s%s"
                                .formatted(
                                        writes.position(number),
                                        course.statuses(),
                                        course.awaited() ? " awaited" : "")));
        return "%d to %d, courses%s".formatted(writes.first(), writes.next(), open);
    }
}
