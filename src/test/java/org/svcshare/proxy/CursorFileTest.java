package org.svcshare.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.replica.NodeAddress;

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
