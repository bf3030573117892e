package org.svcshare.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.svcshare.client.ClientException.Kind;
import org.svcshare.client.Item.State;

@DisplayNameGeneration(ReplaceUnderscores.class)
final class ItemPauseTest {

    /// A program that shows a change only when its list was asked for a few times more.
    private static final class Slow implements ItemPause.Program {
        final Map<String, State> states = new LinkedHashMap<>();
        final List<String> orders = new ArrayList<>();
        private final Map<String, State> coming = new LinkedHashMap<>();
        int shownAfter;
        private int asked;

        @Override
        public List<Item> items() {
            if (asked++ >= shownAfter) {
                states.putAll(coming);
                coming.clear();
            }
            return states.entrySet().stream()
                    .map(e -> new Item(e.getKey(), e.getValue(), 1))
                    .toList();
        }

        @Override
        public void stop(List<Item> items) {
            change("stop", items, State.STOPPED);
        }

        @Override
        public void start(List<Item> items) {
            change("start", items, State.LOADING);
        }

        private void change(String order, List<Item> items, State state) {
            asked = 0;
            for (Item item : items) {
                orders.add(order + " " + item.id());
                coming.put(item.id(), state);
            }
        }
    }

    private final Slow program = new Slow();
    private final ClientProgramContract.Memory memory = new ClientProgramContract.Memory();

    private ItemPause pauser(PausedItems kept) {
        return new ItemPause(program, kept, "test", Duration.ofSeconds(2));
    }

    @Test
    void given_a_program_that_shows_changes_late_then_no_item_is_lost_between_turns()
            throws Exception {
        program.states.put("a", State.LOADING);
        program.shownAfter = 3;
        ItemPause pause = pauser(memory);

        for (int turn = 0; turn < 3; turn++) {
            pause.pause();
            assertEquals(State.STOPPED, program.states.get("a"));
            assertEquals(Set.of("a"), memory.ids);
            pause.resume();
            assertEquals(State.LOADING, program.states.get("a"));
            assertEquals(Set.of(), memory.ids);
        }
    }

    @Test
    void given_items_that_do_not_stop_then_it_is_told_and_they_are_remembered() {
        program.states.put("a", State.LOADING);
        program.shownAfter = Integer.MAX_VALUE;

        var e = assertThrows(ClientException.class, () -> pauser(memory).pause());

        assertEquals(Kind.REJECTED, e.kind());
        assertEquals(Set.of("a"), memory.ids);
    }

    @Test
    void given_a_program_that_has_not_read_its_items_yet_then_what_we_stopped_is_kept()
            throws Exception {
        program.states.put("a", State.LOADING);
        ItemPause pause = pauser(memory);
        pause.pause();

        program.states.clear();
        pause.pause();
        pause.resume();
        program.states.put("a", State.STOPPED);
        pause.resume();

        assertEquals(State.LOADING, program.items().getFirst().state());
        assertEquals(Set.of(), memory.ids);
    }

    @Test
    void what_we_stop_is_on_disk_before_it_is_stopped() throws Exception {
        program.states.put("a", State.LOADING);
        var order = program.orders;
        PausedItems disk =
                new PausedItems() {
                    @Override
                    public Set<String> load() {
                        return Set.of();
                    }

                    @Override
                    public void save(Set<String> ids) {
                        order.add("save " + ids);
                    }
                };

        pauser(disk).pause();

        assertEquals(List.of("save [a]", "stop a"), order);
    }

    @Test
    void given_a_full_disk_then_items_are_stopped_and_started_all_the_same() throws Exception {
        program.states.put("a", State.LOADING);
        PausedItems full =
                new PausedItems() {
                    @Override
                    public Set<String> load() {
                        return Set.of();
                    }

                    @Override
                    public void save(Set<String> ids) {
                        throw new UncheckedIOException(new IOException("no space left"));
                    }
                };
        ItemPause pause = pauser(full);

        pause.pause();
        assertEquals(State.STOPPED, program.items().getFirst().state());
        pause.resume();
        assertEquals(State.LOADING, program.items().getFirst().state());
    }

    @Test
    void given_more_vanished_items_than_anybody_has_then_they_are_forgotten() throws Exception {
        var many = new LinkedHashSet<String>();
        for (int i = 0; i < 20_000; i++) {
            many.add("gone-" + i);
        }
        many.add("here");
        memory.ids = many;
        program.states.put("here", State.STOPPED);

        pauser(memory).pause();

        assertEquals(Set.of("here"), memory.ids);
        assertTrue(program.orders.isEmpty(), program.orders.toString());
    }
}
