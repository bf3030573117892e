package org.svcshare.client;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.client.Item.State;
import org.svcshare.turn.QueueSnapshot;

/// Pause and resume for programs that have no pause of their own: stops what would load, keeps in
/// mind what it stopped, and starts only that again. What people stopped by hand stays stopped.
///
/// Not thread-safe; calls come one at a time, as [ClientProgram] promises.
final class ItemPause {
    private static final Logger LOG = LoggerFactory.getLogger(ItemPause.class);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    /// Ids that the program does not list any more are kept, for a program that has just started
    /// may not have read all its jobs yet; but not without end.
    private static final int MOST_ABSENT = 10_000;

    private final Program program;
    private final PausedItems kept;
    private final String where;
    private final Duration patience;

    /// Id to mark, of the items that we stopped; null until read.
    private @Nullable Map<String, String> ours;

    private boolean holding;

    /// @param patience for the program to show that items stopped or started
    ItemPause(Program program, PausedItems kept, String where, Duration patience) {
        this.program = program;
        this.kept = kept;
        this.where = where;
        this.patience = patience;
    }

    /// The program's side: ask, stop, start. Stopping and starting what already is so, or what is
    /// no longer there, is no failure.
    interface Program {
        List<Item> items() throws ClientException, InterruptedException;

        /// @param items never empty
        void stop(List<Item> items) throws ClientException, InterruptedException;

        /// @param items never empty; their marks are those they had when they were stopped
        void start(List<Item> items) throws ClientException, InterruptedException;
    }

    /// Whether [#pause] was called last, not [#resume].
    boolean holding() {
        return holding;
    }

    /// Counts what loads, what waits, and what we stopped.
    QueueSnapshot snapshot(List<Item> items, long speedBps) {
        Map<String, String> ours = ours();
        double total = 0;
        int count = 0;
        boolean running = false;
        @Nullable Item head = null;
        for (Item item : items) {
            if (item.state() == State.STOPPED && !ours.containsKey(item.id())) {
                continue;
            }
            running |= item.state() != State.STOPPED;
            total += item.leftMb();
            count++;
            if (head == null || (head.state() != State.LOADING && item.state() == State.LOADING)) {
                head = item;
            }
        }
        double current = head == null ? 0 : head.leftMb();
        return new QueueSnapshot(
                current,
                Math.max(0, total - current),
                Math.max(0, count - 1),
                speedBps,
                !running && !items.isEmpty(),
                0);
    }

    void pause() throws ClientException, InterruptedException {
        holding = true;
        List<Item> items = program.items();
        List<Item> toStop = items.stream().filter(i -> i.state() != State.STOPPED).toList();
        var next = new LinkedHashMap<>(ours());
        toStop.forEach(item -> next.put(item.id(), item.mark()));
        // Before they stop: what we stop and forget would stay stopped for ever.
        keep(next, items);
        if (toStop.isEmpty()) {
            return;
        }
        program.stop(toStop);
        Set<String> late = waitUntil(ids(toStop), item -> item.state() == State.STOPPED);
        if (!late.isEmpty()) {
            throw new ClientException(
                    Kind.REJECTED,
                    where
                            + ": "
                            + late.size()
                            + " of "
                            + toStop.size()
                            + " items did not stop within "
                            + Texts.seconds(patience));
        }
    }

    void resume() throws ClientException, InterruptedException {
        holding = false;
        List<Item> items = program.items();
        Map<String, String> ours = ours();
        List<Item> toStart =
                items.stream()
                        .filter(i -> ours.containsKey(i.id()))
                        .filter(i -> i.state() == State.STOPPED)
                        .map(i -> new Item(i.id(), i.state(), i.leftMb(), mark(i.id())))
                        .toList();
        Set<String> late = Set.of();
        if (!toStart.isEmpty()) {
            program.start(toStart);
            // A program that shows changes late would let the next pause take a started item for
            // one that was stopped by hand.
            late = waitUntil(ids(toStart), item -> item.state() != State.STOPPED);
        }
        var next = new LinkedHashMap<>(ours);
        for (Item item : items) {
            if (!late.contains(item.id())) {
                next.remove(item.id());
            }
        }
        keep(next, items);
    }

    private Set<String> waitUntil(Set<String> ids, Function<Item, Boolean> reached)
            throws ClientException, InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            Set<String> late = new LinkedHashSet<>();
            for (Item item : program.items()) {
                if (ids.contains(item.id()) && !reached.apply(item)) {
                    late.add(item.id());
                }
            }
            if (late.isEmpty() || System.nanoTime() - end >= 0) {
                return late;
            }
            Thread.sleep(LOOK_AGAIN);
        }
    }

    private void keep(Map<String, String> next, List<Item> items) {
        Set<String> present = ids(items);
        if (next.keySet().stream().filter(id -> !present.contains(id)).count() > MOST_ABSENT) {
            next.keySet().retainAll(present);
        }
        if (!next.equals(ours())) {
            ours = next;
            try {
                kept.save(lines(next));
            } catch (UncheckedIOException e) {
                // Not a reason to let it load on: only a restart would show the loss.
                LOG.warn(
                        "{}: cannot keep which items were stopped, so a restart would leave them"
                                + " stopped: {}",
                        where,
                        e.getMessage());
            }
        }
    }

    private Map<String, String> ours() {
        if (ours == null) {
            var read = new LinkedHashMap<String, String>();
            for (String line : kept.load()) {
                int blank = line.indexOf(' ');
                read.put(
                        blank < 0 ? line : line.substring(0, blank),
                        blank < 0 ? "" : line.substring(blank + 1));
            }
            ours = read;
        }
        return ours;
    }

    private static Set<String> lines(Map<String, String> marks) {
        return marks.entrySet().stream()
                .map(e -> (e.getKey() + " " + e.getValue()).strip())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private String mark(String id) {
        return ours().getOrDefault(id, "");
    }

    private static Set<String> ids(Collection<Item> items) {
        return items.stream().map(Item::id).collect(Collectors.toCollection(LinkedHashSet::new));
    }
}
