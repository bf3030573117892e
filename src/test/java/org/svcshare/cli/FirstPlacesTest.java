package org.svcshare.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Several members on one machine without any settings.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class FirstPlacesTest {
    private static final Set<String> LISTENING =
            Set.of("gossip.listen", "http.listen", "gate.listen");

    @TempDir private Path folder;

    private final Map<String, String> environment = new HashMap<>();

    private Surroundings surroundings() {
        var nowhere = new PrintStream(OutputStream.nullOutputStream());
        return new Surroundings(
                nowhere, nowhere, () -> false, environment, "anna", folder, folder.resolve("home"));
    }

    private FirstPlaces find() throws IOException {
        return FirstPlaces.find(surroundings(), List.of(), Optional.empty());
    }

    /// The number behind the last colon; of a port that was left as it is, the usual one.
    private static int port(FirstPlaces places, String setting, int usual) {
        String at = places.settings().getOrDefault(setting, ":" + usual);
        return Integer.parseInt(at.substring(at.lastIndexOf(':') + 1));
    }

    @Test
    void given_two_at_once_when_looked_for_then_each_has_a_folder_and_ports_of_its_own()
            throws Exception {
        try (FirstPlaces one = find();
                FirstPlaces two = find()) {
            Path state = folder.resolve("home").resolve(".local").resolve("state");
            assertEquals(
                    state.resolve("svcshare-gossip").toString(),
                    one.settings().get("state-folder"));
            assertEquals(
                    state.resolve("svcshare-gossip-2").toString(),
                    two.settings().get("state-folder"));
            assertEquals(LISTENING.size(), two.changes().size(), two.changes().toString());
            assertTrue(two.settings().keySet().containsAll(LISTENING), two.settings().toString());
            assertNotEquals(port(one, "gossip.listen", 5555), port(two, "gossip.listen", 5555));
            assertNotEquals(port(one, "http.listen", 9889), port(two, "http.listen", 9889));
            assertNotEquals(port(one, "gate.listen", 8999), port(two, "gate.listen", 8999));
        }
    }

    @Test
    void given_one_that_has_ended_when_looked_for_then_its_folder_is_used_again() throws Exception {
        String first;
        try (FirstPlaces one = find()) {
            first = String.valueOf(one.settings().get("state-folder"));
        }
        try (FirstPlaces two = find()) {
            assertEquals(first, two.settings().get("state-folder"));
        }
    }

    @Test
    void given_a_seed_on_this_machine_that_is_still_to_come_when_looked_for_then_its_place_is_left()
            throws Exception {
        for (String seed : List.of("127.0.0.1:5555", "localhost", "[::1]:5555")) {
            try (var joiner = FirstPlaces.find(surroundings(), List.of(seed), Optional.empty());
                    FirstPlaces founder = find()) {
                assertTrue(port(joiner, "gossip.listen", 5555) > 5555, seed);
                assertTrue(
                        String.valueOf(founder.settings().get("state-folder"))
                                .endsWith("svcshare-gossip"),
                        seed);
            }
        }
        try (var far =
                FirstPlaces.find(surroundings(), List.of("10.0.0.1:5555"), Optional.empty())) {
            assertTrue(
                    String.valueOf(far.settings().get("state-folder")).endsWith("svcshare-gossip"));
        }
    }

    @Test
    void given_a_port_that_is_taken_when_looked_for_then_another_one_is_found() throws Exception {
        try (var _ = taken(5555);
                FirstPlaces places = find()) {
            int port = port(places, "gossip.listen", 5555);
            assertTrue(port > 5555, places.settings().toString());
            new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
            assertTrue(places.changes().contains("gossip.listen is 127.0.0.1:" + port));
        }
    }

    /// Taken by this test, or by somebody else already.
    private static ServerSocket taken(int port) throws IOException {
        try {
            return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
        } catch (BindException _) {
            return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        }
    }

    @Test
    void given_places_of_the_users_when_looked_for_then_they_are_left_alone() throws Exception {
        environment.put("SVCSHARE_GOSSIP_LISTEN", "127.0.0.1:0");
        environment.put("SVCSHARE_GATE_LISTEN", "127.0.0.1:0");
        environment.put("SVCSHARE_STATE_FOLDER", folder.resolve("own").toString());

        try (FirstPlaces places = FirstPlaces.find(surroundings(), List.of(), Optional.of(0))) {
            assertEquals(Map.of("http.listen", "127.0.0.1:0"), places.settings());
        }
        assertFalse(Files.exists(folder.resolve("home")));
    }

    @Test
    void given_no_place_for_a_folder_when_looked_for_then_that_is_an_error() throws Exception {
        environment.put("XDG_STATE_HOME", Files.writeString(folder.resolve("file"), "").toString());

        assertThrows(IOException.class, this::find);
    }
}
