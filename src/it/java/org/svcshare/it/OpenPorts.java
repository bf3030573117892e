package org.svcshare.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Which TCP ports of this machine somebody listens on, as Linux tells it: looking does not make a
/// connection, which a bot would count.
final class OpenPorts {
    private static final String LISTENING = "0A";

    private OpenPorts() {}

    /// Of these ports those that are listened on, all at one moment.
    static Set<Integer> of(Set<Integer> asked) {
        Set<String> wanted =
                asked.stream()
                        .map(port -> String.format(Locale.ROOT, ":%04X", port))
                        .collect(Collectors.toSet());
        // Netty listens on an IPv4 address with a socket that can do both.
        return Stream.concat(listening("/proc/net/tcp"), listening("/proc/net/tcp6"))
                .filter(wanted::contains)
                .map(port -> Integer.parseInt(port.substring(1), 16))
                .collect(Collectors.toSet());
    }

    private static Stream<String> listening(String table) {
        try {
            return Files.readAllLines(Path.of(table)).stream()
                    .map(line -> line.strip().split("\\s+"))
                    .filter(words -> words.length > 3 && words[3].equals(LISTENING))
                    .map(words -> words[1].substring(words[1].indexOf(':')));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static boolean has(int port) {
        return of(Set.of(port)).contains(port);
    }
}
