package org.svcshare.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.svcshare.config.Loopback;

/// Where a member that was started with nothing but a seed keeps its state and listens, so that
/// several of them fit on one machine: each claims a state folder of its own until it ends, and
/// ports as far from the usual ones as its folder is from the first.
final class FirstPlaces implements AutoCloseable {
    private static final String FOLDER = "svcshare-gossip";
    private static final int MOST = 100;
    private static final int MOST_TRIES = 1000;

    /// A port that is used unless somebody says otherwise.
    private record Usual(String setting, String host, int port) {}

    private static final List<Usual> USUAL =
            List.of(
                    new Usual("gossip.listen", "127.0.0.1", 5555),
                    new Usual("http.listen", "127.0.0.1", 9889),
                    new Usual("gate.listen", "localhost", 8999));

    /// What does not fit is no place here; the settings say what is wrong with it.
    private static final Pattern SEED = Pattern.compile("(\\[[^\\]]*\\]|[^:]*)(?::(\\d{1,5}))?");

    private final Optional<FileChannel> claim;
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final List<String> changes = new ArrayList<>();

    private FirstPlaces(Optional<FileChannel> claim) {
        this.claim = claim;
    }

    /// @param seeds whose places are left to them, be they still to come
    /// @param httpPort the one that somebody asked for
    /// @throws IOException when no folder can be had; the message is for people
    static FirstPlaces find(
            Surroundings surroundings, List<String> seeds, Optional<Integer> httpPort)
            throws IOException {
        Set<Integer> reserved = here(seeds);
        boolean ownFolder =
                surroundings.variable("SVCSHARE_STATE_FOLDER").isEmpty()
                        && surroundings.variable("STATE_DIRECTORY").isEmpty();
        if (!ownFolder) {
            var places = new FirstPlaces(Optional.empty());
            places.ports(surroundings, reserved, httpPort, 0);
            return places;
        }
        Path base = base(surroundings);
        for (int i = 0; i < MOST; i++) {
            if (reserved.contains(USUAL.getFirst().port() + i)) {
                continue;
            }
            Path folder = base.resolve(i == 0 ? FOLDER : FOLDER + "-" + (i + 1));
            Optional<FileChannel> claim = claim(folder);
            if (claim.isPresent()) {
                var places = new FirstPlaces(claim);
                places.settings.put("state-folder", folder.toAbsolutePath().toString());
                places.ports(surroundings, reserved, httpPort, i);
                return places;
            }
        }
        throw new IOException("all of " + MOST + " state folders in " + base + " are in use");
    }

    private static Path base(Surroundings surroundings) {
        Path xdg = Path.of(surroundings.variable("XDG_STATE_HOME"));
        return xdg.isAbsolute() ? xdg : surroundings.home().resolve(".local").resolve("state");
    }

    /// Ends with the process at the latest.
    private static Optional<FileChannel> claim(Path folder) throws IOException {
        Files.createDirectories(folder);
        FileChannel file =
                FileChannel.open(
                        folder.resolve("claim"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        boolean claimed = false;
        try {
            claimed = file.tryLock() != null;
        } catch (OverlappingFileLockException _) {
            // This process has it, for another member.
        } finally {
            if (!claimed) {
                file.close();
            }
        }
        return claimed ? Optional.of(file) : Optional.empty();
    }

    /// The ports of those that are on this machine.
    private static Set<Integer> here(List<String> seeds) {
        var ports = new HashSet<Integer>();
        for (String seed : seeds) {
            Matcher parts = SEED.matcher(seed);
            if (parts.matches() && Loopback.is(parts.group(1).replaceAll("[\\[\\]]", ""))) {
                ports.add(
                        parts.group(2) == null
                                ? USUAL.getFirst().port()
                                : Integer.parseInt(parts.group(2)));
            }
        }
        return ports;
    }

    private void ports(
            Surroundings surroundings,
            Set<Integer> reserved,
            Optional<Integer> httpPort,
            int distance) {
        for (Usual usual : USUAL) {
            String variable =
                    "SVCSHARE_" + usual.setting().toUpperCase(Locale.ROOT).replace('.', '_');
            if (!surroundings.variable(variable).isEmpty()) {
                continue;
            }
            if (httpPort.isPresent() && usual.setting().startsWith("http")) {
                settings.put(usual.setting(), usual.host() + ":" + httpPort.get());
                continue;
            }
            int first = usual.port() + distance;
            for (int port = first; port < first + MOST_TRIES; port++) {
                if (!reserved.contains(port) && isFree(usual.host(), port)) {
                    at(usual, port);
                    break;
                }
            }
        }
    }

    private void at(Usual usual, int port) {
        if (port != usual.port()) {
            settings.put(usual.setting(), usual.host() + ":" + port);
            changes.add(usual.setting() + " is " + usual.host() + ":" + port);
        }
    }

    private static boolean isFree(String host, int port) {
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                try (var socket = new ServerSocket()) {
                    socket.bind(new InetSocketAddress(address, port));
                }
            }
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /// What differs from the usual, by the path of the setting.
    Map<String, String> settings() {
        return Map.copyOf(settings);
    }

    /// The same for people, ports alone.
    List<String> changes() {
        return List.copyOf(changes);
    }

    @Override
    public void close() throws IOException {
        if (claim.isPresent()) {
            claim.get().close();
        }
    }
}
