package org.svcshare.replica;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
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
    private final ReplicaRules rules;
    private final Consumer<ReplicaEffect> effects;
    private final Books books;
    private final Lanes lanes;
    private final Writes writes;
    private final Judge judge;
    private final Sight sight;

    /// The numbers of those that a client waited for, oldest first.
    private final ArrayDeque<Long> awaited = new ArrayDeque<>();

    /// Outcomes that were read before the writes they are of.
    private final Map<Long, Integer> agreed = new HashMap<>();

    private List<OpenRefusal> refusals = List.of();

    /// The last write that was restored.
    private long restoredWrite;

    private boolean begun;

    public Replication(ReplicaRules rules, Consumer<ReplicaEffect> effects) {
        this.rules = rules;
        this.effects = effects;
        this.books = new Books(this::tell);
        this.lanes = books.lanes;
        this.writes = books.writes;
        this.judge = new Judge(rules, books, effects, this::settle);
        this.sight = new Sight(books);
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
        restoredWrite = position;
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
            case ReplicaNote.Skipped(NodeAddress node, long position) ->
                    lanes.find(node).ifPresent(lane -> lane.skipped.add(position));
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

    /// What was remembered beside that ([ReplicaEffect.Refused]); what is still of use is told
    /// anew.
    public void restoreRefusals(List<OpenRefusal> remembered) {
        refusals = List.copyOf(remembered);
    }

    /// Makes of what was restored so far what can be seen of it; for who follows a log that another
    /// goes on with.
    public void look(long atMs) {
        books.nowMs = Math.max(books.nowMs, atMs);
        // What an image says of writes comes before them; what comes later is of no use any more.
        agreed.keySet().removeIf(position -> position <= restoredWrite);
        place();
        forget();
    }

    /// Who lacks only what is new is not behind: it is about to get that, or to be told to have it.
    private void place() {
        for (Lane lane : lanes.all()) {
            lane.passed = writes.after(lane.passedPosition) - 1;
            lane.current = books.behind(lane) == 0 || isSoonAfter(lane);
        }
    }

    /// Whether what a node has yet to get has not been there for long.
    private boolean isSoonAfter(Lane lane) {
        return books.nowMs - writes.atMs(lane.passed + 1) <= rules.lag().toMillis();
    }

    /// From here on there are effects.
    public void begin(long atMs) {
        begun = true;
        books.nowMs = Math.max(books.nowMs, atMs);
        agreed.clear();
        place();
        for (Lane lane : lanes.all()) {
            if (!lane.node.active()) {
                came(lane);
            }
        }
        judge.restored(refusals);
        refusals = List.of();
        lanes.all().forEach(this::pump);
        forget();
    }

    private void came(Lane lane) {
        tell(new ReplicaEffect.Keep(came(lane.address())));
    }

    /// How far a node has come, as the log keeps it.
    ///
    /// @throws IllegalArgumentException when there is no such node
    public ReplicaNote.Came came(NodeAddress node) {
        return lanes.find(node)
                .map(lane -> new ReplicaNote.Came(node, lane.passedPosition))
                .orElseThrow(() -> new IllegalArgumentException("no node " + node));
    }

    // After it.

    /// @param atMs when it happened, in milliseconds of the epoch; what goes back is taken as what
    ///   was before
    /// @return what became of a change; nothing for other events
    public Optional<NodeChange.Result> on(ReplicaEvent event, long atMs) {
        books.nowMs = Math.max(books.nowMs, atMs);
        switch (event) {
            case ReplicaEvent.Written written -> written(written);
            case ReplicaEvent.Answered answer ->
                    lanes.find(answer.node()).ifPresent(lane -> judge.answered(lane, answer));
            case ReplicaEvent.Lost(NodeAddress node, String why) ->
                    lanes.find(node).ifPresent(lane -> lost(lane, why));
            case ReplicaEvent.Up(NodeAddress node) -> lanes.find(node).ifPresent(this::up);
            case ReplicaEvent.Down(NodeAddress node, String why) ->
                    lanes.find(node).ifPresent(lane -> down(lane, why));
            case ReplicaEvent.Changed(NodeChange change, long position) -> {
                NodeChange.Result result = changed(change, position);
                forget();
                return Optional.of(result);
            }
            case ReplicaEvent.Kept(ReplicaNote note) -> kept(note);
            case ReplicaEvent.Tick() -> tick();
        }
        forget();
        return Optional.empty();
    }

    private void written(ReplicaEvent.Written written) {
        lanes.lastWrite = written.position();
        long number = writes.add(written.position(), written.sizeBytes(), books.nowMs);
        if (written.awaited()) {
            books.courses.put(number, new Course(true, books.nowMs + rules.timeout().toMillis()));
            awaited.add(number);
        }
        for (Lane lane : lanes.all()) {
            if (!lane.node.active()) {
                continue;
            }
            lane.current &= lane.up && !lane.node.maintenance();
            if (books.behind(lane) > rules.queueWrites()) {
                overflow(lane);
            } else {
                pump(lane);
            }
        }
    }

    /// One that is too far behind gets no more of what it has missed, once that is kept.
    private void overflow(Lane lane) {
        judge.outOfStep(
                lane,
                writes.next(),
                "was too far behind: no more than %,d writes are kept for a node"
                        .formatted(rules.queueWrites()));
        if (lane.unkept.isEmpty()) {
            long last = writes.next() - 1;
            lane.jump(last, writes.position(last));
            effects.accept(new ReplicaEffect.Recall(lane.address()));
            passed(lane);
        }
    }

    private void kept(ReplicaNote note) {
        judge.kept(note);
        boolean any = books.unkept.remove(note);
        for (Lane lane : lanes.all()) {
            any |= lane.unkept.remove(note);
        }
        if (any) {
            for (Lane lane : lanes.all()) {
                if (books.behind(lane) > rules.queueWrites()) {
                    overflow(lane);
                } else {
                    settle(lane);
                }
            }
        }
    }

    private void lost(Lane lane, String why) {
        lane.lastError = new NodeView.Fault(why, Instant.ofEpochMilli(books.nowMs));
        if (lane.lost(books.nowMs)) {
            lane.failed(why, rules, books.nowMs);
            judge.recount();
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
        lane.lastError = new NodeView.Fault(why, Instant.ofEpochMilli(books.nowMs));
        if (lane.up) {
            lane.up = false;
            lane.trouble = why;
            effects.accept(new ReplicaEffect.Report(lane.address(), "cannot be asked: " + why));
            judge.recount();
        }
    }

    private NodeChange.Result changed(NodeChange change, long position) {
        NodeChange.Result result = lanes.apply(change, position, writes);
        for (Lane lane : lanes.all()) {
            lane.current &= books.behind(lane) == 0 || lane.votes();
        }
        books.courses
                .values()
                .forEach(course ->
                        course.votes().removeIf(vote -> lanes.find(vote.node()).isEmpty()));
        if (result instanceof NodeChange.Result.Done(_, List<Node> nodes)) {
            nodes.forEach(node -> lanes.find(node.address()).ifPresent(this::came));
        }
        judge.recount();
        lanes.all().forEach(this::settle);
        return result;
    }

    private void tick() {
        boolean fewer = false;
        for (Lane lane : lanes.all()) {
            if (lane.current && books.behind(lane) > 0 && !isSoonAfter(lane)) {
                lane.current = false;
                fewer = true;
            }
        }
        if (fewer) {
            judge.recount();
        }
        for (Long head = awaited.peek(); head != null; head = awaited.peek()) {
            Course course = books.courses.get(head);
            if (course != null && course.awaited()) {
                if (books.nowMs < course.deadlineMs()) {
                    break;
                }
                int asked = lanes.everybody().size();
                judge.tell(head, course, new Reply.Later(course.statuses(), asked));
                if (writes.outcome(head) != 0 || course.votes().isEmpty()) {
                    books.courses.remove(head);
                }
            }
            awaited.remove();
        }
        lanes.all().forEach(this::settle);
    }

    /// Moves a node on behind what is done, and sends it what comes.
    private void settle(Lane lane) {
        if (lane.advance(books.unkept.first())) {
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
        if (books.behind(lane) == 0 && lane.flying() == 0) {
            lane.current |= lane.trouble.isEmpty() || lane.up;
        }
        if (!begun || !lane.sends(books.nowMs)) {
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
                stepped |= lane.advance(books.unkept.first());
            } else {
                effects.accept(new ReplicaEffect.Send(lane.address(), position, false));
            }
        }
        if (stepped) {
            passed(lane);
        }
    }

    /// Forgets the writes that nobody has yet to get.
    private void forget() {
        long needed = writes.next();
        for (Lane lane : lanes.all()) {
            if (lane.node.active()) {
                needed = Math.min(needed, lane.passed + 1);
            }
        }
        Map.Entry<Long, Course> oldest = books.courses.firstEntry();
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

    /// How many writes wait until the node that has come furthest can be sent them.
    public long waiting() {
        long least = Long.MAX_VALUE;
        for (Lane lane : lanes.all()) {
            if (lane.sends(books.nowMs)) {
                least = Math.min(least, writes.next() - lane.ahead());
            }
        }
        return least == Long.MAX_VALUE ? 0 : least;
    }

    /// Whether something will be due without anything else happening: a client's time, a node that
    /// is to be tried again.
    public boolean restless() {
        return !books.courses.isEmpty()
                || lanes.all().stream()
                        .anyMatch(lane -> lane.node.active() && books.behind(lane) > 0);
    }

    @Override
    public String toString() {
        var open = new StringBuilder();
        books.courses.forEach((number, course) ->
                open.append(
                        " %d:%s%s"
                                .formatted(
                                        writes.position(number),
                                        course.statuses(),
                                        course.awaited() ? " awaited" : "")));
        return "%d to %d, courses%s".formatted(writes.first(), writes.next(), open);
    }

    /// What has become of a write; empty when it is not known any more, or never was.
    public Optional<Integer> outcome(long position) {
        return sight.outcome(position);
    }

    /// After a restart: whether a write was done, where what was agreed on is not known: a node
    /// that has all has it. A refusal would be known.
    public boolean done(long position) {
        return sight.done(position);
    }

    /// Whether every node that takes part has passed a write, whatever it said.
    public boolean everywhere(long position) {
        return sight.everywhere(position);
    }

    /// What each node that takes part has said to a write that is known: its status, 0 for nothing.
    public Map<NodeAddress, Integer> statuses(long position) {
        return sight.statuses(position);
    }

    /// What is known of a node elsewhere.
    public interface LaneExtras {
        NodeCounts counts(NodeAddress node);

        int underWay(NodeAddress node);

        /// Whether reads may go to a node that stands so.
        boolean readable(Standing standing);
    }

    /// The nodes as they stand, in the order in which they were added.
    public List<NodeView> views(LaneExtras extras) {
        return sight.views(extras);
    }

    /// What matters to reads.
    ///
    /// @param passed the position up to which it has every write
    public record Standing(Node node, NodeState state, boolean up, long passed) {}

    /// How the nodes stand, in the order in which they were added.
    public List<Standing> standings() {
        return sight.standings();
    }

    /// What a node has yet to get, oldest first: positions, sizes and times.
    ///
    /// @param after positions up to this one are left out
    public Optional<List<QueuedWrite>> queue(NodeAddress node, long after, int most) {
        return sight.queue(node, after, most);
    }

    /// Which node is at an address: the position at which it was made.
    public Map<NodeAddress, Long> marks() {
        return sight.marks();
    }
}
