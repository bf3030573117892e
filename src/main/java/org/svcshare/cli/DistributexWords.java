package org.svcshare.cli;

import java.util.List;
import java.util.Optional;

/// The words of distributex' wrapper: `-H HOST -r POOL [-p PORT] [-l] 'COMMAND LINE'`.
///
/// @param host the server; empty: only a lock on this machine
/// @param local whether to lock on this machine as well
/// @param command for a shell
record DistributexWords(
        Optional<String> host, int port, String pool, boolean local, String command) {
    private static final int DEFAULT_PORT = 9889;

    /// @throws UsageException when they are not understood
    static DistributexWords read(List<String> words) throws UsageException {
        Optional<String> host = Optional.empty();
        int port = DEFAULT_PORT;
        String pool = "";
        boolean local = false;
        int at = 0;
        while (at < words.size() && words.get(at).startsWith("-")) {
            String word = words.get(at++);
            if (word.equals("--")) {
                break;
            }
            // As getopts: -lH HOST, -p9889.
            for (int i = 1; i < word.length(); i++) {
                char option = word.charAt(i);
                if (option == 'l') {
                    local = true;
                    continue;
                }
                if ("Hrp".indexOf(option) < 0) {
                    throw new UsageException("no such option: -" + option);
                }
                String value = word.substring(i + 1);
                if (value.isEmpty()) {
                    if (at == words.size()) {
                        throw new UsageException("-" + option + ": expected a value");
                    }
                    value = words.get(at++);
                }
                switch (option) {
                    case 'H' -> host = Optional.of(value);
                    case 'r' -> pool = value;
                    default -> port = port(value);
                }
                break;
            }
        }
        if (pool.isEmpty()) {
            throw new UsageException("-r: which pool?");
        }
        if (at == words.size()) {
            throw new UsageException("which command line?");
        }
        return new DistributexWords(
                host, port, pool, local, String.join(" ", words.subList(at, words.size())));
    }

    private static int port(String text) throws UsageException {
        try {
            int port = Integer.parseInt(text);
            if (port > 0 && port <= 0xffff) {
                return port;
            }
        } catch (NumberFormatException _) {
            // Said below.
        }
        throw new UsageException("-p: expected a port, found " + text);
    }
}
