package org.svcshare.replica;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.svcshare.replica.Lane.Slot;
import org.svcshare.replica.Lane.Step;
import org.svcshare.replica.NodeChange.Result;

/// The nodes, and what operators do to them.
final class Lanes {
    static final int MOST = 100;

    private final Consumer<ReplicaEffect> effects;

    /// In the order in which they were added.
    private final Map<NodeAddress, Lane> byAddress = new LinkedHashMap<>();

    /// The position of the last write there was.
    long lastWrite;

    Lanes(Consumer<ReplicaEffect> effects) {
        this.effects = effects;
    }

    Collection<Lane> all() {
        return byAddress.values();
    }

    Optional<Lane> find(NodeAddress address) {
        return Optional.ofNullable(byAddress.get(address));
    }

    /// Who can be asked what it thinks of a write, now. Who has passed it by has said so already,
    /// be it that nobody remembers what.
    List<NodeAddress> electorate(long number) {
        var electorate = new ArrayList<NodeAddress>(byAddress.size());
        for (Lane lane : all()) {
            if (lane.votes() && lane.passed < number) {
                electorate.add(lane.address());
            }
        }
        return electorate;
    }

    /// Who takes part, whether it can be asked or not.
    List<NodeAddress> everybody() {
        return all().stream()
                .filter(lane -> lane.node.active() && !lane.node.maintenance())
                .map(Lane::address)
                .toList();
    }

    /// Nodes that get a copy of this one's data.
    List<Lane> copiesOf(NodeAddress source) {
        return all().stream().filter(lane -> source.equals(lane.copyOf)).toList();
    }

    void restore(ReplicaNote.Image image) {
        byAddress.clear();
        lastWrite = image.lastWrite();
        image.lanes().forEach(each -> byAddress.put(each.node().address(), Lane.of(each)));
    }

    /// Carries a change out, all of it or nothing.
    ///
    /// @param position of the change in the log
    Result apply(NodeChange change, long position, Writes writes) {
        return switch (change) {
            case NodeChange.Put(NodeAddress node, NodePatch patch) ->
                    put(Map.of(node, patch), position, writes);
            case NodeChange.PutAll(Map<NodeAddress, NodePatch> patches) ->
                    put(patches, position, writes);
            case NodeChange.Remove(List<NodeAddress> nodes) -> remove(nodes);
            case NodeChange.CopyFrom copy -> copyFrom(copy, position, writes);
            case NodeChange.InStep(NodeAddress node) -> of(node, this::inStep);
            case NodeChange.Drop(NodeAddress node, long write) ->
                    of(node, lane -> takeOut(lane, write, writes, false));
            case NodeChange.Park(NodeAddress node, long write) ->
                    of(node, lane -> takeOut(lane, write, writes, true));
            case NodeChange.Release(NodeAddress node, long write) ->
                    of(node, lane -> release(lane, write));
        };
    }

    private interface OnLane {
        Result apply(Lane lane);
    }

    private Result of(NodeAddress node, OnLane change) {
        Lane lane = byAddress.get(node);
        return lane == null ? new Result.NotFound("no node " + node) : change.apply(lane);
    }

    private static Result done(Lane lane) {
        return new Result.Done(false, List.of(lane.node));
    }

    private Result put(Map<NodeAddress, NodePatch> patches, long position, Writes writes) {
        Optional<String> refused = refusal(patches);
        if (refused.isPresent()) {
            return new Result.Refused(refused.get());
        }
        boolean created = false;
        var changed = new ArrayList<Node>();
        for (var entry : patches.entrySet()) {
            Lane lane = byAddress.get(entry.getKey());
            if (lane == null) {
                created = true;
                changed.add(create(entry.getKey(), entry.getValue(), position, writes).node);
            } else {
                update(lane, entry.getValue(), writes);
                changed.add(lane.node);
            }
        }
        return new Result.Done(created, changed);
    }

    /// Why nothing of it can be done.
    private Optional<String> refusal(Map<NodeAddress, NodePatch> patches) {
        var after = new LinkedHashMap<NodeAddress, Boolean>();
        byAddress.keySet().forEach(node -> after.put(node, true));
        for (var entry : patches.entrySet()) {
            NodeAddress node = entry.getKey();
            NodeAddress moved = entry.getValue().address().orElse(node);
            boolean fresh = !byAddress.containsKey(node);
            if (!fresh && !moved.equals(node)) {
                after.remove(node);
                if (after.put(moved, true) != null) {
                    return Optional.of("there is a node " + moved + " already");
                }
            }
            after.put(fresh ? node : moved, true);
        }
        return after.size() > MOST
                ? Optional.of("at most " + MOST + " nodes can be had")
                : Optional.empty();
    }

    private Lane create(NodeAddress address, NodePatch patch, long position, Writes writes) {
        Node asked = patch.applyTo(Node.at(address));
        var node =
                new Node(
                        address,
                        asked.priority(),
                        asked.active(),
                        asked.maintenance(),
                        asked.tls(),
                        asked.weight());
        var lane = new Lane(node, position, node.active() ? position : 0);
        lane.passed = writes.next() - 1;
        if (node.active() && lastWrite > 0) {
            lane.outOfStep = "was added without a copy of the others' data";
        }
        byAddress.put(address, lane);
        effects.accept(new ReplicaEffect.Passed(address, lane.passedPosition));
        return lane;
    }

    private void update(Lane lane, NodePatch patch, Writes writes) {
        Node before = lane.node;
        Node after = patch.applyTo(before);
        if (after.equals(before)) {
            return;
        }
        lane.node = after;
        boolean elsewhere = !after.address().equals(before.address());
        if (elsewhere) {
            move(lane, before.address());
        }
        boolean stops = after.maintenance() || !after.active();
        if (elsewhere || before.tls() != after.tls() || (before.active() && !after.active())) {
            lane.rewind();
            effects.accept(new ReplicaEffect.Recall(before.address()));
        }
        if (!before.active() && after.active()) {
            activate(lane, writes);
        }
        if (before.maintenance() && !stops) {
            lane.hurry();
            lane.copyOf = null;
            copiesOf(after.address()).forEach(copy -> copy.copyOf = null);
        }
        if (elsewhere) {
            effects.accept(new ReplicaEffect.Passed(after.address(), lane.passedPosition));
        }
    }

    private void move(Lane lane, NodeAddress before) {
        var order = new ArrayList<>(byAddress.values());
        byAddress.clear();
        order.forEach(each -> byAddress.put(each.address(), each));
        copiesOf(before).forEach(copy -> copy.copyOf = lane.address());
        lane.up = true;
    }

    private void activate(Lane lane, Writes writes) {
        if (lastWrite > lane.passedPosition) {
            lane.outOfStep = "missed writes while it was inactive";
            lane.jump(writes.next() - 1, lastWrite);
            effects.accept(new ReplicaEffect.Passed(lane.address(), lane.passedPosition));
        }
        lane.passed = writes.next() - 1;
    }

    private Result remove(List<NodeAddress> nodes) {
        for (NodeAddress node : nodes) {
            if (!byAddress.containsKey(node)) {
                return new Result.NotFound("no node " + node);
            }
        }
        for (NodeAddress node : nodes) {
            byAddress.remove(node);
            copiesOf(node).forEach(copy -> copy.copyOf = null);
            effects.accept(new ReplicaEffect.Recall(node));
        }
        return new Result.Done(false, List.of());
    }

    private Result copyFrom(NodeChange.CopyFrom copy, long position, Writes writes) {
        Lane source = byAddress.get(copy.source());
        Optional<String> no = copyRefusal(copy, source);
        if (no.isPresent() || source == null) {
            return source == null
                    ? new Result.NotFound("no node " + copy.source())
                    : new Result.Refused(no.orElseThrow());
        }
        Lane lane = byAddress.get(copy.node());
        boolean created = lane == null;
        if (lane == null) {
            lane = create(copy.node(), copy.patch(), position, writes);
        } else {
            effects.accept(new ReplicaEffect.Recall(lane.address()));
            lane.rewind();
        }
        Node asked = copy.patch().applyTo(lane.node);
        lane.node =
                new Node(lane.address(), asked.priority(), true, true, asked.tls(), asked.weight());
        Node held = source.node;
        source.node =
                new Node(held.address(), held.priority(), true, true, held.tls(), held.weight());
        lane.outOfStep = "";
        lane.parked.clear();
        lane.jump(source.passed, source.passedPosition);
        lane.skipped.clear();
        lane.skipped.addAll(source.skipped);
        lane.copyOf = source.address();
        effects.accept(new ReplicaEffect.Passed(lane.address(), lane.passedPosition));
        return new Result.Done(created, List.of(lane.node, source.node));
    }

    private Optional<String> copyRefusal(
            NodeChange.CopyFrom copy, @org.jspecify.annotations.Nullable Lane source) {
        if (source == null) {
            return Optional.empty();
        }
        if (copy.node().equals(copy.source())) {
            return Optional.of("a node cannot be copied to itself");
        }
        if (!source.node.active()) {
            return Optional.of(copy.source() + " is inactive: it does not have all writes");
        }
        if (!source.outOfStep().isEmpty()) {
            return Optional.of(copy.source() + " is out of step: " + source.outOfStep());
        }
        if (source.copyOf != null) {
            return Optional.of(copy.source() + " is itself being copied to");
        }
        boolean known = byAddress.containsKey(copy.node());
        return !known && byAddress.size() >= MOST
                ? Optional.of("at most " + MOST + " nodes can be had")
                : Optional.empty();
    }

    private Result inStep(Lane lane) {
        lane.outOfStep = "";
        lane.parked.clear();
        return done(lane);
    }

    /// Depends on what is under way, so that it is what became of it that the log has.
    private Result takeOut(Lane lane, long write, Writes writes, boolean aside) {
        if (!aside && lane.parked.remove(write) != null) {
            lane.unrelease(write);
            keep(new ReplicaNote.Taken(lane.address(), write));
            return done(lane);
        }
        long number = writes.number(write);
        if (number <= lane.passed || lane.skipped.contains(write)) {
            return new Result.NotFound(
                    "no write %d in the queue of %s".formatted(write, lane.address()));
        }
        Slot slot = lane.of(number);
        if (slot != null && slot.step == Step.FLYING) {
            return new Result.Refused(
                    "%s is being sent write %d just now".formatted(lane.address(), write));
        }
        if (slot != null) {
            slot.step = Step.DONE;
            lane.recovered();
        }
        lane.skipped.add(write);
        if (aside) {
            var parked =
                    new ReplicaNote.Parked(
                            lane.address(),
                            write,
                            slot == null ? 0 : slot.status,
                            "put aside by an operator",
                            writes.sizeBytes(number),
                            writes.atMs(number));
            lane.parked.put(write, parked);
            lane.unkept.add(parked, number);
            keep(parked);
        }
        // Behind the other: what is not sent and not put aside would be missed by nobody.
        keep(new ReplicaNote.Skipped(lane.address(), write));
        return done(lane);
    }

    private void keep(ReplicaNote note) {
        effects.accept(new ReplicaEffect.Keep(note));
    }

    private static Result release(Lane lane, long write) {
        if (!lane.parked.containsKey(write)) {
            return new Result.NotFound(
                    "%s has no write %d put aside".formatted(lane.address(), write));
        }
        lane.release(write);
        return done(lane);
    }
}
