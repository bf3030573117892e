package org.svcshare.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.replica.NodeAddress;
import org.svcshare.replica.OpenRefusal;
import org.svcshare.replica.ReplicaEffect;

/// Marks of how far nodes are.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CursorFileTest {
    private static final NodeAddress A = new NodeAddress("a", 1);
    private static final NodeAddress B = new NodeAddress("b", 1);

    @TempDir Path folder;

    private CursorFile open() throws IOException {
        return CursorFile.open(folder.resolve("cursors"));
    }

    @Test
    void given_marks_when_opened_again_then_each_is_found_by_which_node_it_is() throws IOException {
        try (CursorFile file = open()) {
            file.keep(Map.of(A, 1L, B, 2L));
            file.mark(A, 10);
            file.mark(B, 20);
            file.mark(A, 11);
        }
        try (CursorFile file = open()) {
            assertEquals(11, file.read(1));
            assertEquals(20, file.read(2));
            assertEquals(0, file.read(3));
        }
    }

    @Test
    void given_a_node_that_is_made_anew_when_read_then_the_old_mark_is_not_its_own()
            throws IOException {
        try (CursorFile file = open()) {
            file.keep(Map.of(A, 1L));
            file.mark(A, 10);
            file.keep(Map.of());
            file.keep(Map.of(A, 12L));
            assertEquals(0, file.read(12));
            assertEquals(0, file.read(1));
        }
    }

    @Test
    void given_refusals_when_opened_again_then_those_that_are_not_settled_are_known()
            throws IOException {
        try (CursorFile file = open()) {
            file.keep(Map.of(A, 1L, B, 2L));
            file.forgetRefusals();
            file.refused(new ReplicaEffect.Refused(A, 10, 409, 7));
            file.refused(new ReplicaEffect.Refused(A, 11, 404, 0));
            file.refused(new ReplicaEffect.Refused(B, 10, 500, 0));
            file.refused(new ReplicaEffect.Refused(B, 10, 409, 0));
            file.settled(A, 11);
        }
        try (CursorFile file = open()) {
            assertEquals(
                    Set.of(new OpenRefusal(1, 10, 409, 7), new OpenRefusal(2, 10, 409, 0)),
                    Set.copyOf(file.refusals()));
            file.forgetRefusals();
            assertEquals(List.of(), file.refusals());
        }
    }

    @Test
    void given_more_refusals_than_there_is_room_for_when_one_is_settled_then_the_next_one_fits()
            throws IOException {
        try (CursorFile file = open()) {
            file.keep(Map.of(A, 1L));
            file.forgetRefusals();
            for (long position = 1; position <= 10_000; position++) {
                file.refused(new ReplicaEffect.Refused(A, position, 409, 0));
            }
            assertEquals(8192, file.refusals().size());
            file.settled(A, 17);
            file.refused(new ReplicaEffect.Refused(A, 20_000, 409, 0));
            assertTrue(file.refusals().contains(new OpenRefusal(1, 20_000, 409, 0)));
            file.keep(Map.of());
            assertEquals(List.of(), file.refusals(), "of a node that is gone");
        }
    }

    @Test
    void given_a_node_that_moves_when_marked_then_it_keeps_its_place() throws IOException {
        try (CursorFile file = open()) {
            file.keep(Map.of(A, 1L));
            file.mark(A, 10);
            file.keep(Map.of(B, 1L));
            assertEquals(10, file.read(1));
            file.mark(B, 11);
            assertEquals(11, file.read(1));
        }
    }

    @Test
    void given_a_hundred_nodes_when_marked_then_none_gets_anothers_mark() throws IOException {
        try (CursorFile file = open()) {
            Map<NodeAddress, Long> nodes = new LinkedHashMap<>();
            for (int i = 1; i <= 100; i++) {
                nodes.put(new NodeAddress("n" + i, 1), (long) i);
            }
            file.keep(nodes);
            nodes.forEach((node, since) -> file.mark(node, 1000 + since));
            nodes.forEach((_, since) -> assertEquals(1000 + since, file.read(since)));
        }
    }
}
