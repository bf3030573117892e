package org.svcshare.replica;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.svcshare.replica.Lane.Slot;

/// What can be seen of the replicas; changes nothing.
final class Sight {
    private final Books books;
    private final Lanes lanes;
    private final Writes writes;

    Sight(Books books) {
        this.books = books;
        this.lanes = books.lanes;
        this.writes = books.writes;
    }

    /// What has become of a write; empty when it is not known any more, or never was.
    Optional<Integer> outcome(long position) {
        long number = writes.number(position);
        return number == 0 ? Optional.empty() : Optional.of(writes.outcome(number));
    }

    boolean done(long position) {
        long number = writes.number(position);
        boolean unsaid =
                !books.courses.containsKey(number) && (number == 0 || writes.outcome(number) == 0);
        return unsaid && lanes.all().stream().anyMatch(lane -> lane.did(position));
    }

    /// Whether every node that takes part has passed a write, whatever it said.
    boolean everywhere(long position) {
        return lanes.all().stream()
                .allMatch(lane -> !lane.node.active() || lane.passedPosition >= position);
    }

    /// What each node that takes part has said to a write that is known: its status, 0 for nothing.
    Map<NodeAddress, Integer> statuses(long position) {
        var statuses = new TreeMap<NodeAddress, Integer>();
        long number = writes.number(position);
        if (number == 0) {
            return statuses;
        }
        Course course = books.courses.get(number);
        for (Lane lane : lanes.all()) {
            if (lane.node.active()) {
                ReplicaNote.Parked parked = lane.parked.get(position);
                int status = lane.passed >= number ? writes.outcome(number) : 0;
                statuses.put(lane.address(), parked == null ? status : parked.status());
            }
        }
        if (course != null) {
            statuses.putAll(course.statuses());
        }
        return statuses;
    }

    /// The nodes as they stand, in the order in which they were added.
    List<NodeView> views(Replication.LaneExtras extras) {
        return lanes.all().stream().map(lane -> view(lane, extras)).toList();
    }

    /// How the nodes stand, in the order in which they were added.
    List<Replication.Standing> standings() {
        var standings = new ArrayList<Replication.Standing>();
        for (Lane lane : lanes.all()) {
            standings.add(standing(lane));
        }
        return standings;
    }

    private Replication.Standing standing(Lane lane) {
        return new Replication.Standing(
                lane.node, state(lane, books.behind(lane)), lane.up, lane.passedPosition);
    }

    private NodeView view(Lane lane, Replication.LaneExtras extras) {
        long queue = books.behind(lane);
        long bytes = queue == 0 ? 0 : writes.bytesBehind(lane.passed);
        Optional<Instant> oldest =
                queue == 0
                        ? Optional.empty()
                        : Optional.of(Instant.ofEpochMilli(writes.atMs(lane.passed + 1)));
        Replication.Standing standing = standing(lane);
        return new NodeView(
                lane.node,
                standing.state(),
                lane.up,
                extras.readable(standing),
                standing.state() == NodeState.OUT_OF_STEP ? lane.outOfStep() : lane.trouble,
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
        boolean stands = lane.node.maintenance() || !lane.up || !lane.trouble.isEmpty();
        if (queue == 0 || (lane.current && !stands)) {
            return NodeState.IN_STEP;
        }
        return stands ? NodeState.BEHIND : NodeState.CATCHING_UP;
    }

    /// What a node has yet to get, oldest first: positions, sizes and times.
    ///
    /// @param after positions up to this one are left out
    Optional<List<QueuedWrite>> queue(NodeAddress node, long after, int most) {
        return lanes.find(node).map(lane -> queue(lane, after, most));
    }

    private List<QueuedWrite> queue(Lane lane, long after, int most) {
        var queue = new TreeMap<Long, QueuedWrite>();
        for (ReplicaNote.Parked each : lane.parked.tailMap(after, false).values()) {
            if (queue.size() == most) {
                break;
            }
            queue.put(each.position(), parked(each));
        }
        int left = books.behind(lane) > 0 ? most : 0;
        long from = Math.max(writes.after(after), lane.passed + 1);
        for (long number = from; left > 0 && number < writes.next(); number++) {
            long position = writes.position(number);
            if (!lane.skipped.contains(position)) {
                queue.putIfAbsent(position, waiting(number, lane.of(number)));
                left--;
            }
        }
        return queue.values().stream().limit(most).toList();
    }

    private static QueuedWrite parked(ReplicaNote.Parked parked) {
        return new QueuedWrite(
                parked.position(),
                "",
                "",
                parked.sizeBytes(),
                Instant.ofEpochMilli(parked.atMs()),
                true,
                parked.why(),
                parked.status());
    }

    private QueuedWrite waiting(long number, @Nullable Slot slot) {
        return new QueuedWrite(
                writes.position(number),
                "",
                "",
                writes.sizeBytes(number),
                Instant.ofEpochMilli(writes.atMs(number)),
                false,
                "",
                slot == null ? 0 : slot.status);
    }

    /// Which node is at an address: the position at which it was made.
    Map<NodeAddress, Long> marks() {
        var marks = new TreeMap<NodeAddress, Long>();
        lanes.all().forEach(lane -> marks.put(lane.address(), lane.since));
        return marks;
    }
}
