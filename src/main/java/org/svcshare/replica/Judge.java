package org.svcshare.replica;

import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.svcshare.replica.Lane.Slot;
import org.svcshare.replica.Lane.Step;

/// What follows from the nodes' answers: what counts as the outcome of a write, what its client
/// hears, and what becomes of a node that says something else.
final class Judge {
    private static final int ERROR = 400;
    private static final int FAILURE = 500;

    private final ReplicaRules rules;
    private final Books books;
    private final Lanes lanes;
    private final Writes writes;
    private final TreeMap<Long, Course> courses;
    private final Consumer<ReplicaEffect> effects;
    private final Consumer<Lane> settle;

    /// @param settle moves a node on behind what is done
    Judge(ReplicaRules rules, Books books, Consumer<ReplicaEffect> effects, Consumer<Lane> settle) {
        this.rules = rules;
        this.books = books;
        this.lanes = books.lanes;
        this.writes = books.writes;
        this.courses = books.courses;
        this.effects = effects;
        this.settle = settle;
    }

    void answered(Lane lane, ReplicaEvent.Answered answer) {
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
        settle.accept(lane);
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
            slot.failedAtMs = books.nowMs;
        }
        lane.failed(why, rules, books.nowMs);
        lane.lastError = new NodeView.Fault(why, Instant.ofEpochMilli(books.nowMs));
        recount();
    }

    private void judge(Lane lane, Slot slot, ReplicaEvent.Answered answer) {
        int status = answer.status();
        if (status < ERROR) {
            settle(lane, slot.position);
        }
        if (slot.again && answer.gone()) {
            // It found nothing to remove, as it has removed it before.
            int outcome = writes.outcome(slot.number);
            status = outcome != 0 && outcome < ERROR ? outcome : status;
        }
        if (writes.outcome(slot.number) != 0) {
            if (status >= ERROR && isUnsettled(slot.position)) {
                remember(lane, slot.position, status, answer.digest());
            }
            compare(lane, slot.number, status);
            compareBody(lane, slot.number, status, answer.digest());
            Course open = courses.get(slot.number);
            if (open != null && open.awaited()) {
                open.vote(lane.address(), status, answer.digest());
                weigh(slot.number, open);
            }
            return;
        }
        if (status >= ERROR && doneElsewhere(lane, slot.number)) {
            refused(lane, slot, slot.number, status);
            return;
        }
        Course course =
                courses.computeIfAbsent(slot.number, _ -> new Course(false, Long.MAX_VALUE));
        course.vote(lane.address(), status, answer.digest());
        if (status >= ERROR) {
            remember(lane, slot.position, status, answer.digest());
        }
        boolean certain = status < ERROR || (status < FAILURE && rules.parkRefused());
        slot.step = certain ? Step.DONE : Step.HELD;
        if (status < FAILURE) {
            lane.recovered();
        }
        weigh(slot.number, course);
    }

    private void remember(Lane lane, long position, int status, long digest) {
        lane.refusals.add(position);
        effects.accept(new ReplicaEffect.Refused(lane.address(), position, status, digest));
    }

    private boolean isUnsettled(long position) {
        return lanes.all().stream().anyMatch(lane -> lane.refusals.contains(position));
    }

    private void settle(Lane lane, long position) {
        if (lane.refusals.remove(position)) {
            effects.accept(new ReplicaEffect.Settled(lane.address(), position));
        }
    }

    /// A note is in the log.
    void kept(ReplicaNote note) {
        switch (note) {
            case ReplicaNote.Agreed(long position, int status) -> {
                if (status >= ERROR) {
                    lanes.all().forEach(lane -> settle(lane, position));
                }
            }
            case ReplicaNote.Parked parked ->
                    lanes.find(parked.node()).ifPresent(lane -> settle(lane, parked.position()));
            case ReplicaNote.Skipped(NodeAddress node, long position) ->
                    lanes.find(node).ifPresent(lane -> settle(lane, position));
            case ReplicaNote.Taken _,
                    ReplicaNote.OutOfStep _,
                    ReplicaNote.Came _,
                    ReplicaNote.Image _ -> {}
        }
    }

    /// What nodes refused in an earlier life of ours, of which the log does not say what follows.
    void restored(List<OpenRefusal> refusals) {
        var numbers = new TreeSet<Long>();
        for (OpenRefusal refusal : refusals) {
            long number = writes.number(refusal.position());
            for (Lane lane : lanes.all()) {
                boolean open =
                        lane.since == refusal.since()
                                && number != 0
                                && number <= lane.passed
                                && !lane.parked.containsKey(refusal.position());
                if (open && restored(lane, number, refusal)) {
                    numbers.add(number);
                }
            }
        }
        numbers.forEach(this::restored);
    }

    /// @return whether it is not known what follows from it
    private boolean restored(Lane lane, long number, OpenRefusal refusal) {
        int outcome = writes.outcome(number);
        if (outcome >= ERROR) {
            return false;
        }
        remember(lane, refusal.position(), refusal.status(), refusal.digest());
        if (outcome != 0) {
            refused(lane, null, number, refusal.status());
            return false;
        }
        courses.computeIfAbsent(number, _ -> new Course(false, Long.MAX_VALUE))
                .vote(lane.address(), refusal.status(), refusal.digest());
        return true;
    }

    private void restored(long number) {
        Course course = courses.get(number);
        if (course == null) {
            return;
        }
        for (Course.Vote vote : List.copyOf(course.votes())) {
            Lane lane = lanes.find(vote.node()).orElseThrow();
            if (doneElsewhere(lane, number)) {
                refused(lane, null, number, vote.status());
                courses.remove(number);
            }
        }
        if (courses.containsKey(number)) {
            weigh(number, course);
        }
    }

    /// Whether another node has passed by a write in an earlier life of ours, so that nobody knows
    /// any more what it said. One that refused it would be known: it was done there.
    private boolean doneElsewhere(Lane lane, long number) {
        Course course = courses.get(number);
        long position = writes.position(number);
        for (Lane other : lanes.all()) {
            boolean voted = course != null && course.isOf(other.address());
            if (other != lane && other.did(position) && !voted) {
                return true;
            }
        }
        return false;
    }

    /// Looks whether the outcome of a write is known now, and whether its client can be told.
    void weigh(long number, Course course) {
        List<NodeAddress> electorate = lanes.electorate(number);
        if (writes.outcome(number) == 0) {
            course.outcome(electorate)
                    .ifPresent(outcome -> {
                        writes.outcome(number, outcome.status(), outcome.digest());
                        effects.accept(
                                new ReplicaEffect.Keep(
                                        new ReplicaNote.Agreed(
                                                writes.position(number), outcome.status())));
                        compareAll(number, course);
                    });
        }
        if (course.awaited()) {
            List<NodeAddress> all =
                    rules.answer() == AnswerRule.ALL ? lanes.everybody() : electorate;
            course.reply(rules.answer(), electorate, all)
                    .ifPresent(reply -> tell(number, course, reply));
        }
        if (!course.awaited() && writes.outcome(number) != 0) {
            courses.remove(number);
        }
    }

    void tell(long number, Course course, Reply reply) {
        course.told();
        effects.accept(new ReplicaEffect.Tell(writes.position(number), reply));
    }

    private void compareAll(long number, Course course) {
        for (Course.Vote vote : List.copyOf(course.votes())) {
            Lane lane = lanes.find(vote.node()).orElse(null);
            if (lane == null) {
                continue;
            }
            compare(lane, number, vote.status());
            compareBody(lane, number, vote.status(), vote.digest());
            settle.accept(lane);
        }
    }

    private void compareBody(Lane lane, long number, int status, long digest) {
        boolean same = status != writes.outcome(number) || writes.mayBeOutcome(number, digest);
        if (!same && !again(lane, number)) {
            outOfStep(
                    lane,
                    number,
                    "answered write %d with another body than the others"
                            .formatted(writes.position(number)));
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
                    number,
                    "answered %d to write %d where the others answered %d"
                            .formatted(status, writes.position(number), outcome));
        }
    }

    /// A node has done what others could not do: those miss it.
    private void revise(Lane did, long number, int status) {
        int failure = writes.outcome(number);
        writes.outcome(number, status);
        for (Lane lane : lanes.all()) {
            Slot slot = lane.of(number);
            boolean failed = lane.passed >= number || (slot != null && slot.step == Step.DONE);
            if (lane != did && lane.node.active() && failed) {
                park(lane, number, failure);
            }
        }
        effects.accept(
                new ReplicaEffect.Keep(new ReplicaNote.Agreed(writes.position(number), status)));
    }

    /// A node does not take what the others have taken.
    private void refused(Lane lane, @Nullable Slot slot, long number, int status) {
        boolean forGood = status < FAILURE;
        if (slot == null) {
            park(lane, number, status);
            return;
        }
        boolean longEnough =
                slot.failedAtMs != 0
                        && books.nowMs - slot.failedAtMs >= rules.refusedFor().toMillis();
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
        keep(lane, number, note);
        effects.accept(
                new ReplicaEffect.Report(
                        lane.address(),
                        "write %d was put aside: %s".formatted(note.position(), why)));
        if (lane.parked.size() > rules.parked()) {
            outOfStep(lane, number, "refused more writes than are put aside");
            ReplicaNote.Parked oldest = lane.parked.firstEntry().getValue();
            lane.parked.remove(oldest.position());
            effects.accept(
                    new ReplicaEffect.Keep(
                            new ReplicaNote.Taken(lane.address(), oldest.position())));
        }
    }

    /// A node does not pass a write before what is to be known of that is kept; where it has passed
    /// it, the others do not.
    private void keep(Lane lane, long number, ReplicaNote note) {
        Unkept unkept = number > lane.passed ? lane.unkept : books.unkept;
        unkept.add(note, number);
        effects.accept(new ReplicaEffect.Keep(note));
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

    /// @param number of the write that shows it
    void outOfStep(Lane lane, long number, String why) {
        if (!lane.outOfStep.isEmpty()) {
            return;
        }
        lane.outOfStep = why;
        keep(lane, number, new ReplicaNote.OutOfStep(lane.address(), why));
        effects.accept(new ReplicaEffect.Report(lane.address(), "out of step: " + why));
        recount();
    }

    /// Who can be asked has changed: some writes may have their outcome now.
    void recount() {
        for (var entry : List.copyOf(courses.entrySet())) {
            weigh(entry.getKey(), entry.getValue());
        }
    }
}
