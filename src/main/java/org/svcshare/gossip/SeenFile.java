package org.svcshare.gossip;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.jgroups.stack.IpAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where the others were last: a member that comes back asks there as well as at its seeds, so that
/// a seed that was restarted does not found a second group.
///
/// One address a line. What is none is passed over: it is only a hint.
final class SeenFile {
    private static final Logger LOG = LoggerFactory.getLogger(SeenFile.class);
    private static final int MOST = 64;
    private static final int MOST_BYTES = 8_192;

    private final Path file;

    SeenFile(Path folder) {
        this.file = folder.resolve("members");
    }

    /// Blocks for as long as reading a small file takes.
    List<IpAddress> read() {
        try {
            if (Files.size(file) > MOST_BYTES) {
                return List.of();
            }
            return Files.readAllLines(file, US_ASCII).stream()
                    .limit(MOST)
                    .flatMap(line -> address(line).stream())
                    .toList();
        } catch (NoSuchFileException _) {
            return List.of();
        } catch (IOException e) {
            LOG.warn("{} cannot be read: {}", file, e.getMessage());
            return List.of();
        }
    }

    private static List<IpAddress> address(String line) {
        int colon = line.lastIndexOf(':');
        try {
            return List.of(
                    new IpAddress(
                            InetAddress.ofLiteral(line.substring(0, Math.max(0, colon))),
                            Integer.parseInt(line.substring(colon + 1))));
        } catch (IllegalArgumentException _) {
            return List.of();
        }
    }

    /// Blocks for as long as writing a small file takes.
    void write(List<IpAddress> at) {
        var lines = new ArrayList<String>();
        at.stream()
                .limit(MOST)
                .forEach(one ->
                        lines.add(one.getIpAddress().getHostAddress() + ":" + one.getPort()));
        Path next = file.resolveSibling("members.new");
        try {
            Files.write(next, lines, US_ASCII);
            Files.move(
                    next,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warn("{} cannot be written: {}", file, e.getMessage());
        }
    }
}
