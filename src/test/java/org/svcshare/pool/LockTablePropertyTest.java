package org.svcshare.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.pool.TicketView.State;

/// Random operations on a lock table and on [SimpleTable], which must answer alike; and what is
/// promised (P1, P2) after every step. Repeat one run with `-Dpool.seed=N`.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LockTablePropertyTest {
    private static final int RUNS = Integer.getInteger("pool.runs", 400);
    private static final int STEPS = 300;
    private static final Map<String, Integer> SLOTS = Map.of("mutex", 1, "seats", 3);
    private static final List<String> POOLS = List.of("mutex", "seats", "other");

    @Test
    void given_random_operations_then_the_table_does_as_the_simple_one_and_keeps_its_promises() {
        Long one = Long.getLong("pool.seed");
        if (one != null) {
            run(one);
            return;
        }
        long first = new Random().nextLong();
        for (int i = 0; i < RUNS; i++) {
            run(first + i);
        }
    }

    private static void run(long seed) {
        var random = new Random(seed);
        var steps = new ArrayList<String>();
        try {
            new Run(random, steps).all();
        } catch (RuntimeException | AssertionError e) {
            int from = Math.max(0, steps.size() - 30);
            throw new AssertionError(
                    "repeat with -Dpool.seed="
                            + seed
                            + "\n"
                            + String.join("\n", steps.subList(from, steps.size())),
                    e);
        }
    }

    /// One history.
    private static final class Run {
        private final RandomGenerator random;
        private final List<String> steps;
        private final TableKit at =
                new TableKit(TableKit.pool("mutex", 1), TableKit.pool("seats", 3));
        private final SimpleTable simple = new SimpleTable(SLOTS);
        private long highestFence;

        Run(RandomGenerator random, List<String> steps) {
            this.random = random;
            this.steps = steps;
            simple.apply(new Operation.Tick(), at.nowMs);
            at.rules(
                    new TableRules(
                            List.of(TableKit.pool("mutex", 1), TableKit.pool("seats", 3)),
                            TableKit.ANY,
                            10_000,
                            1_000_000_000,
                            100_000));
        }

        void all() {
            for (int i = 0; i < STEPS; i++) {
                at.nowMs +=
                        random.nextInt(10) == 0 ? random.nextInt(-500, 4000) : random.nextInt(3);
                Operation operation = operation();
                steps.add(at.nowMs + " " + operation);
                assertEquals(simple.apply(operation, at.nowMs), at.apply(operation));
                if (random.nextInt(40) == 0) {
                    at.restart();
                }
                check();
            }
        }

        private Operation operation() {
            var id = new RequestId(0, random.nextInt(25));
            return switch (random.nextInt(13)) {
                case 0, 1, 2, 3, 4 ->
                        new Operation.Acquire(
                                new RequestId(0, random.nextInt(60)),
                                POOLS.get(random.nextInt(3)),
                                "h",
                                "",
                                random.nextInt(3) == 0 ? Mode.SHARED : Mode.EXCLUSIVE,
                                random.nextInt(4) == 0 ? 0 : random.nextInt(5000),
                                random.nextInt(6) == 0 ? 0 : random.nextInt(1, 5000),
                                random.nextInt(3) == 0 ? random.nextInt(2000) : 0,
                                false);
                case 5 -> new Operation.Renew(id, poolOf(id), random.nextInt(5000));
                case 6 -> new Operation.Force(random.nextInt(60), "operator");
                case 7 -> new Operation.Tick();
                case 8 -> new Operation.Claim(id, poolOf(id));
                case 9 -> new Operation.Unheard(id, random.nextInt(3000));
                case 10 ->
                        random.nextInt(4) == 0
                                ? new Operation.Restarted(
                                        random.nextInt(3000), random.nextInt(3000))
                                : new Operation.Tick();
                default -> {
                    var any = new RequestId(0, random.nextInt(60));
                    yield new Operation.Release(any, poolOf(any));
                }
            };
        }

        /// Its own pool: whose ticket one is told about otherwise, the other test class says.
        private String poolOf(RequestId id) {
            return simple.entries.stream()
                    .filter(entry -> entry.asked.id().equals(id))
                    .map(entry -> entry.asked.pool())
                    .findFirst()
                    .orElse("nobody uses it");
        }

        private void check() {
            TableView view = at.table.view();
            for (String pool : POOLS) {
                List<TicketView> tickets = view.tickets(Optional.of(pool), 10_000);
                var expected = new HashMap<Long, State>();
                simple.entries.stream()
                        .filter(entry -> entry.asked.pool().equals(pool))
                        .forEach(entry -> expected.put(entry.number, entry.state));
                var found = new HashMap<Long, State>();
                tickets.forEach(ticket -> found.put(ticket.ticket(), ticket.state()));
                assertEquals(expected, found, pool);
                assertEquals(heard(pool), heard(tickets), pool);
                promises(pool, tickets);
            }
            for (Effect effect : at.effects) {
                if (effect instanceof Effect.Granted granted) {
                    assertTrue(granted.fence() > highestFence, "fences grow: " + granted);
                    highestFence = granted.fence();
                }
            }
        }

        private Map<Long, Boolean> heard(String pool) {
            var heard = new HashMap<Long, Boolean>();
            simple.entries.stream()
                    .filter(entry -> entry.asked.pool().equals(pool))
                    .forEach(entry -> heard.put(entry.number, entry.heard));
            return heard;
        }

        private static Map<Long, Boolean> heard(List<TicketView> tickets) {
            var heard = new HashMap<Long, Boolean>();
            tickets.forEach(ticket -> heard.put(ticket.ticket(), ticket.heard()));
            return heard;
        }

        private static void promises(String pool, List<TicketView> tickets) {
            Set<State> holding = Set.of(State.HELD, State.UNLOCKING);
            var held = tickets.stream().filter(t -> holding.contains(t.state())).toList();
            long alone = held.stream().filter(t -> t.mode() == Mode.EXCLUSIVE).count();
            long taken = alone + (alone < held.size() ? 1 : 0);
            assertTrue(taken <= SLOTS.getOrDefault(pool, 1), "P1 " + pool + ": " + held);
            var waiting = tickets.stream().filter(t -> t.state() == State.WAITING).toList();
            for (int i = 0; i < waiting.size(); i++) {
                assertEquals(i, waiting.get(i).ahead());
                if (i > 0) {
                    assertTrue(
                            waiting.get(i - 1).ticket() < waiting.get(i).ticket(), "P2 " + waiting);
                }
            }
        }
    }
}
