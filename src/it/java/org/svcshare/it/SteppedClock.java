package org.svcshare.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// The wall clock of one process, which can be set while it runs. Its steady clock goes on, as that
/// of a machine does.
final class SteppedClock {
    private static final List<Path> LIBRARIES =
            List.of(
                    Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"),
                    Path.of("/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"));

    private final Path library;
    private final Path file;

    /// @param file where the process reads how its clock is wrong
    SteppedClock(Path file) throws IOException {
        RealPart.find("faketime");
        library = LIBRARIES.stream().filter(Files::exists).findFirst().orElseThrow();
        this.file = file;
        wrongBy(Duration.ZERO);
    }

    /// From now on; ahead, or behind if negative.
    void wrongBy(Duration step) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(next, "%+ds\n".formatted(step.toSeconds()));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /// With what the process has to be started.
    Map<String, String> environment() {
        return Map.of(
                "LD_PRELOAD", library.toString(),
                "FAKETIME_TIMESTAMP_FILE", file.toString(),
                "FAKETIME_NO_CACHE", "1",
                "FAKETIME_DONT_FAKE_MONOTONIC", "1",
                // Otherwise waits of the JVM would end at once.
                "FAKETIME_FORCE_MONOTONIC_FIX", "0");
    }
}
