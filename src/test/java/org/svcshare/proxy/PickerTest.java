package org.svcshare.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.proxy.Routing.Route;
import org.svcshare.replica.Node;
import org.svcshare.replica.NodeAddress;

/// Which node a read goes to.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PickerTest {
    private static Route route(int port, int weight, long passed) {
        var node = new Node(new NodeAddress("a", port), 0, true, false, false, weight);
        return new Route(node, new NodeTally(), passed);
    }

    private static List<Integer> picked(Picker picker, Routing routing, int times) {
        var ports = new ArrayList<Integer>();
        for (int i = 0; i < times; i++) {
            Route route = picker.pick(routing, Set.of(), 0);
            ports.add(Objects.requireNonNull(route).address().port());
        }
        return ports;
    }

    @Test
    void given_round_robin_when_reads_come_then_nodes_take_turns() {
        var routing =
                new Routing(List.of(route(1, 1, 0), route(2, 1, 0), route(3, 1, 0)), List.of());
        assertEquals(List.of(1, 2, 3, 1, 2, 3), picked(new Picker(true), routing, 6));
    }

    @Test
    void given_weights_when_reads_come_then_they_are_spread_and_not_bunched() {
        var routing =
                new Routing(List.of(route(1, 3, 0), route(2, 1, 0), route(3, 1, 0)), List.of());
        assertEquals(List.of(1, 2, 1, 3, 1, 1, 2, 1, 3, 1), picked(new Picker(true), routing, 10));
    }

    @Test
    void given_no_round_robin_when_reads_come_then_the_first_gets_all() {
        var routing = new Routing(List.of(route(1, 1, 0), route(2, 1, 0)), List.of());
        assertEquals(List.of(1, 1, 1), picked(new Picker(false), routing, 3));
    }

    @Test
    void given_a_node_that_failed_when_asked_again_then_another_one_is_picked_and_then_none() {
        var one = route(1, 1, 0);
        var two = route(2, 1, 0);
        var routing = new Routing(List.of(one), List.of(two));
        var picker = new Picker(true);
        assertEquals(two, picker.pick(routing, Set.of(one.address()), 0));
        assertNull(picker.pick(routing, Set.of(one.address(), two.address()), 0));
    }

    @Test
    void given_a_position_when_a_node_has_not_come_so_far_then_it_is_not_picked() {
        var late = route(1, 1, 4);
        var early = route(2, 1, 7);
        var routing = new Routing(List.of(late, early), List.of());
        var picker = new Picker(true);
        assertEquals(early, picker.pick(routing, Set.of(), 5));
        assertEquals(early, picker.pick(routing, Set.of(), 7));
        assertNull(picker.pick(routing, Set.of(), 8));
    }
}
