package org.svcshare.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// A group of simulated nodes, a log that survives, and what stands between them: it can be killed
/// at any moment and begins again from the log and from how far each node had come.
final class ReplicaWorld {
    /// An application: does each write once, by its key, and keeps the order in which it did.
    static final class Copy {
        final List<Long> applied = new ArrayList<>();
        private final Map<Long, Integer> answers = new HashMap<>();
        boolean reachable = true;

        /// Positions that it refuses, and with what.
        final Map<Long, Integer> refuses = new HashMap<>();

        /// Positions that fail for so many times yet.
        final Map<Long, Integer> fails = new HashMap<>();

        int take(long position) {
            Integer before = answers.get(position);
            if (before != null) {
                return before;
            }
            int left = fails.getOrDefault(position, 0);
            if (left > 0) {
                fails.put(position, left - 1);
                return left % 2 == 0 ? 500 : 503;
            }
            Integer refusal = refuses.get(position);
            if (refusal != null) {
                return refusal;
            }
            applied.add(position);
            answers.put(position, 201);
            return 201;
        }
    }

    private record Logged(long position, Optional<NodeChange> change, Optional<ReplicaNote> note) {}

    /// Sent and on its way, or answered and on its way back.
    private record Flight(long position, boolean again) {}

    final Random random;
    final ReplicaRules rules;
    final Map<NodeAddress, Copy> copies = new TreeMap<>();
    final Map<Long, Reply> told = new TreeMap<>();
    final List<ReplicaEffect.Report> reports = new ArrayList<>();
    final Set<Long> everWritten = new TreeSet<>();
    private final List<Logged> log = new ArrayList<>();

    /// On their way into the log.
    private final Deque<ReplicaNote> unkept = new ArrayDeque<>();

    /// Whether notes get into the log only when something else does, or when they are told to.
    boolean slow;

    private final Map<NodeAddress, Long> passed = new HashMap<>();
    private final Map<NodeAddress, Map<Long, ReplicaEffect.Refused>> refused = new HashMap<>();
    private final Map<NodeAddress, Deque<Flight>> flights = new HashMap<>();
    private Optional<ReplicaNote.Image> image = Optional.empty();
    private long imageUpTo;
    Replication replication;
    long nowMs = 1_000_000;
    private long end;

    ReplicaWorld(long seed, ReplicaRules rules) {
        random = new Random(seed);
        this.rules = rules;
        replication = new Replication(rules, this::carryOut);
        replication.begin(nowMs);
    }

    static NodeAddress node(int number) {
        return new NodeAddress("node" + number, 80);
    }

    void add(int number) {
        copies.put(node(number), new Copy());
        change(
                new NodeChange.Put(
                        node(number),
                        NodePatch.of(new Node(node(number), 0, true, false, false, 1))));
    }

    NodeChange.Result change(NodeChange change) {
        if (!change.ofTheMoment()) {
            keep();
            end++;
            log.add(new Logged(end, Optional.of(change), Optional.empty()));
        }
        NodeChange.Result result =
                replication.on(new ReplicaEvent.Changed(change, end), nowMs).orElseThrow();
        // Its operator is told when that is in the log.
        keep();
        return result;
    }

    long write() {
        keep();
        end++;
        long position = end;
        log.add(new Logged(position, Optional.empty(), Optional.empty()));
        everWritten.add(position);
        on(new ReplicaEvent.Written(position, 10, true));
        return position;
    }

    void on(ReplicaEvent event) {
        replication.on(event, nowMs);
        if (!slow) {
            keep();
        }
    }

    /// Gets all that is to be kept into the log.
    void keep() {
        while (!unkept.isEmpty()) {
            ReplicaNote note = unkept.remove();
            logged(note);
            replication.on(new ReplicaEvent.Kept(note), nowMs);
        }
    }

    private void logged(ReplicaNote note) {
        end++;
        log.add(new Logged(end, Optional.empty(), Optional.of(note)));
    }

    private void carryOut(ReplicaEffect effect) {
        switch (effect) {
            case ReplicaEffect.Send(NodeAddress node, long position, boolean again) ->
                    flights.computeIfAbsent(node, _ -> new ArrayDeque<>())
                            .add(new Flight(position, again));
            case ReplicaEffect.Recall(NodeAddress node) -> flights.remove(node);
            case ReplicaEffect.Tell(long position, Reply reply) ->
                    assertEquals(null, told.put(position, reply), "told twice: " + position);
            case ReplicaEffect.Passed(NodeAddress node, long position) ->
                    passed.put(node, position);
            case ReplicaEffect.Refused each ->
                    refused.computeIfAbsent(each.node(), _ -> new TreeMap<>())
                            .put(each.position(), each);
            case ReplicaEffect.Settled(NodeAddress node, long position) ->
                    assertNotNull(refused.getOrDefault(node, Map.of()).remove(position));
            case ReplicaEffect.Keep(ReplicaNote note) -> unkept.add(note);
            case ReplicaEffect.Report report -> reports.add(report);
        }
    }

    /// One node takes and answers what it was sent first; or the connection breaks, before or
    /// after.
    void step(NodeAddress node, double breaks) {
        Deque<Flight> flying = flights.get(node);
        if (flying == null || flying.isEmpty()) {
            return;
        }
        Copy copy = copy(node);
        boolean early = !copy.reachable || random.nextDouble() < breaks;
        if (early) {
            lose(node);
            return;
        }
        Flight flight = flying.peek();
        int status = copy.take(flight.position());
        if (random.nextDouble() < breaks) {
            // It has done it, and nobody hears of it. What is behind may have come too.
            for (Flight more : List.copyOf(flying).subList(1, flying.size())) {
                if (random.nextBoolean()) {
                    break;
                }
                copy.take(more.position());
            }
            lose(node);
            return;
        }
        flying.remove();
        on(new ReplicaEvent.Answered(node, flight.position(), status, 0, false));
    }

    private void lose(NodeAddress node) {
        flights.remove(node);
        on(new ReplicaEvent.Lost(node, "the connection broke"));
    }

    /// The process ends without a word, and another one begins where the log ends. What was told to
    /// clients stays told; of what was on its way into the log some is there, in its order.
    void restart() {
        restart(random.nextInt(unkept.size() + 1));
    }

    /// @param kept how many of the notes on their way are in the log
    void restart(int kept) {
        flights.clear();
        for (int i = 0; i < kept; i++) {
            logged(unkept.remove());
        }
        unkept.clear();
        replication = new Replication(rules, this::carryOut);
        long at = image.map(ReplicaNote.Image::at).orElse(0L);
        image.ifPresent(replication::restore);
        for (Logged record : List.copyOf(log)) {
            if (record.position() <= imageUpTo) {
                continue;
            }
            if (Math.floorMod(record.position() * 31 + nowMs, 4) == 0) {
                // As one that follows another's log and is looked at.
                replication.look(nowMs);
                long told = record.position() - 1;
                passed(told);
            }
            boolean fresh = record.position() > at;
            if (record.change().isPresent()) {
                if (fresh) {
                    replication.restoreChange(record.change().get(), record.position());
                }
            } else if (record.note().isPresent()) {
                if (fresh) {
                    replication.restore(record.note().get());
                }
            } else {
                replication.restoreWrite(record.position(), 10, nowMs);
            }
        }
        passed(end);
        replication.restoreRefusals(refusals());
        refused.clear();
        replication.begin(nowMs);
    }

    private List<OpenRefusal> refusals() {
        var all = new ArrayList<OpenRefusal>();
        replication
                .marks()
                .forEach((node, since) ->
                        refused.getOrDefault(node, Map.of())
                                .values()
                                .forEach(each ->
                                        all.add(
                                                new OpenRefusal(
                                                        since,
                                                        each.position(),
                                                        each.status(),
                                                        each.digest()))));
        return all;
    }

    private void passed(long most) {
        replication
                .marks()
                .forEach((node, since) ->
                        replication.restorePassed(
                                node, since, Math.min(most, passed.getOrDefault(node, 0L))));
    }

    /// Writes all down that is known, and forgets what the log has before.
    void compact() {
        long done = replication.doneUpTo(end);
        image = Optional.of(replication.image(end));
        imageUpTo = done;
        log.removeIf(record -> record.position() <= done);
    }

    int logged() {
        return log.size();
    }

    void pass(long ms) {
        nowMs += ms;
        on(new ReplicaEvent.Tick());
    }

    /// Lets all nodes do all they have to.
    void calm() {
        copies.values().forEach(copy -> copy.reachable = true);
        copies.keySet().forEach(node -> on(new ReplicaEvent.Up(node)));
        for (int i = 0; i < 100_000 && busy(); i++) {
            copies.keySet().forEach(node -> step(node, 0));
            pass(50);
            keep();
        }
        assertTrue(!busy(), () -> "still busy: " + views());
    }

    private boolean busy() {
        return views().stream().anyMatch(view -> view.queueWrites() > 0)
                || flights.values().stream().anyMatch(each -> !each.isEmpty());
    }

    List<NodeView> views() {
        return replication.views(
                new Replication.LaneExtras() {
                    @Override
                    public NodeCounts counts(NodeAddress node) {
                        return new NodeCounts(Map.of());
                    }

                    @Override
                    public int underWay(NodeAddress node) {
                        return 0;
                    }

                    @Override
                    public boolean readable(Replication.Standing standing) {
                        return standing.state() != NodeState.OUT_OF_STEP;
                    }
                });
    }

    NodeView view(int number) {
        return views().stream()
                .filter(view -> view.node().address().equals(node(number)))
                .findFirst()
                .orElseThrow();
    }

    Copy copy(int number) {
        return copy(node(number));
    }

    private Copy copy(NodeAddress node) {
        return Objects.requireNonNull(copies.get(node));
    }

    int flying(int number) {
        Deque<Flight> flying = flights.get(node(number));
        return flying == null ? 0 : flying.size();
    }
}
